using System.Numerics;
using System.Security.Cryptography;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Crypto;

/// <summary>Keys that are derived from a seed: the test vectors that BIP-32 publishes, and accounts that local chains publish.</summary>
public sealed class DerivedKeyTests
{
    private const string Seed1 = "000102030405060708090a0b0c0d0e0f";
    private const string Seed2 = "fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a2" +
        "9f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542";
    private const string Seed3 = "4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4ac" +
        "ba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be";
    private const string Seed4 = "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678";

    [Theory]
    [InlineData(
        Seed1, "m", "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi")]
    [InlineData(
        Seed1, "m/0'", "xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7XnxHrnYeSvkzY7d2bhkJ7")]
    [InlineData(
        Seed1, "m/0'/1", "xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3H2EU4pWcQDnRnrVA1xe8fs")]
    [InlineData(
        Seed1,
        "m/0'/1/2'",
        "xprv9z4pot5VBttmtdRTWfWQmoH1taj2axGVzFqSb8C9xaxKymcFzXBDptWmT7FwuEzG3ryjH4ktypQSAewRiNMjANTtpgP4mLTj34bhnZX7UiM")]
    [InlineData(
        Seed1,
        "m/0'/1/2'/2",
        "xprvA2JDeKCSNNZky6uBCviVfJSKyQ1mDYahRjijr5idH2WwLsEd4Hsb2Tyh8RfQMuPh7f7RtyzTtdrbdqqsunu5Mm3wDvUAKRHSC34sJ7in334")]
    [InlineData(
        Seed1,
        "m/0'/1/2'/2/1000000000",
        "xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8FHa8kmHScGpWmj4WggLyQjgPie1rFSruoUihUZREPSL39UNdE3BBDu76")]
    [InlineData(
        Seed2, "m", "xprv9s21ZrQH143K31xYSDQpPDxsXRTUcvj2iNHm5NUtrGiGG5e2DtALGdso3pGz6ssrdK4PFmM8NSpSBHNqPqm55Qn3LqFtT2emdEXVYsCzC2U")]
    [InlineData(
        Seed2, "m/0", "xprv9vHkqa6EV4sPZHYqZznhT2NPtPCjKuDKGY38FBWLvgaDx45zo9WQRUT3dKYnjwih2yJD9mkrocEZXo1ex8G81dwSM1fwqWpWkeS3v86pgKt")]
    [InlineData(
        Seed2,
        "m/0/2147483647'",
        "xprv9wSp6B7kry3Vj9m1zSnLvN3xH8RdsPP1Mh7fAaR7aRLcQMKTR2vidYEeEg2mUCTAwCd6vnxVrcjfy2kRgVsFawNzmjuHc2YmYRmagcEPdU9")]
    [InlineData(
        Seed2,
        "m/0/2147483647'/1",
        "xprv9zFnWC6h2cLgpmSA46vutJzBcfJ8yaJGg8cX1e5StJh45BBciYTRXSd25UEPVuesF9yog62tGAQtHjXajPPdbRCHuWS6T8XA2ECKADdw4Ef")]
    [InlineData(
        Seed2,
        "m/0/2147483647'/1/2147483646'",
        "xprvA1RpRA33e1JQ7ifknakTFpgNXPmW2YvmhqLQYMmrj4xJXXWYpDPS3xz7iAxn8L39njGVyuoseXzU6rcxFLJ8HFsTjSyQbLYnMpCqE2VbFWc")]
    [InlineData(
        Seed2,
        "m/0/2147483647'/1/2147483646'/2",
        "xprvA2nrNbFZABcdryreWet9Ea4LvTJcGsqrMzxHx98MMrotbir7yrKCEXw7nadnHM8Dq38EGfSh6dqA9QWTyefMLEcBYJUuekgW4BYPJcr9E7j")]
    [InlineData(
        Seed3, "m", "xprv9s21ZrQH143K25QhxbucbDDuQ4naNntJRi4KUfWT7xo4EKsHt2QJDu7KXp1A3u7Bi1j8ph3EGsZ9Xvz9dGuVrtHHs7pXeTzjuxBrCmmhgC6")]
    [InlineData(
        Seed3, "m/0'", "xprv9uPDJpEQgRQfDcW7BkF7eTya6RPxXeJCqCJGHuCJ4GiRVLzkTXBAJMu2qaMWPrS7AANYqdq6vcBcBUdJCVVFceUvJFjaPdGZ2y9WACViL4L")]
    [InlineData(
        Seed4, "m", "xprv9s21ZrQH143K48vGoLGRPxgo2JNkJ3J3fqkirQC2zVdk5Dgd5w14S7fRDyHH4dWNHUgkvsvNDCkvAwcSHNAQwhwgNMgZhLtQC63zxwhQmRv")]
    [InlineData(
        Seed4, "m/0'", "xprv9vB7xEWwNp9kh1wQRfCCQMnZUEG21LpbR9NPCNN1dwhiZkjjeGRnaALmPXCX7SgjFTiCTT6bXes17boXtjq3xLpcDjzEuGLQBM5ohqkao9G")]
    [InlineData(
        Seed4,
        "m/0'/1'",
        "xprv9xJocDuwtYCMNAo3Zw76WENQeAS6WGXQ55RCy7tDJ8oALr4FWkuVoHJeHVAcAqiZLE7Je3vZJHxspZdFHfnBEjHqU5hG1Jaj32dVoS6XLT1")]
    public void The_published_vectors_are_derived(string seed, string path, string expected)
    {
        // 4 bytes version, 1 depth, 4 fingerprint, 4 index, 32 chain code, 1 zero, 32 key, 4 checksum.
        var text = Decoded(expected);
        Assert.Equal(SHA256.HashData(SHA256.HashData(text.AsSpan(0, 78)))[..4], text[78..]);

        using var key = Derived(Convert.FromHexString(seed), path);

        Assert.Equal(text[13..45], key.ChainCode.ToArray());
        Assert.Equal(text[46..78], key.PrivateKey.ToArray());
    }

    [Theory]
    [InlineData(0, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")]
    [InlineData(1, "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")]
    [InlineData(2, "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")]
    [InlineData(9, "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720")]
    public void The_accounts_of_local_chains_are_those_of_their_seed(int index, string address)
    {
        using var key = Derived(LocalChainSeed(), $"m/44'/60'/0'/0/{index}");

        Assert.True(PrivateKeySigner.TryCreate(key.PrivateKey, out var signer));
        Assert.Equal(address, signer.Address.ToString());
        Assert.Equal(signer.PublicKey[1..33].ToArray(), key.PublicKey[1..].ToArray());
    }

    [Theory]
    [InlineData(15)]
    [InlineData(65)]
    public void A_seed_of_another_size_is_refused(int size) =>
        Assert.Throws<ArgumentException>(() => DerivedKey.Master(new byte[size]));

    [Fact]
    public void A_key_is_cleared_when_it_is_disposed()
    {
        var key = Derived(Convert.FromHexString(Seed1), "m/0'");
        key.Dispose();

        Assert.All(key.PrivateKey.ToArray().Concat(key.ChainCode.ToArray()), one => Assert.Equal(0, one));
    }

    /// <summary>The seed of the mnemonic of local chains, by BIP-39.</summary>
    internal static byte[] LocalChainSeed() => Rfc2898DeriveBytes.Pbkdf2(
        "test test test test test test test test test test test junk", "mnemonic"u8, 2048, HashAlgorithmName.SHA512, 64);

    private static DerivedKey Derived(byte[] seed, string path)
    {
        var key = DerivedKey.Master(seed)!;
        foreach (var step in path.Split('/').Skip(1))
        {
            using var above = key;
            key = above.Child(uint.Parse(step.TrimEnd('\''), null) | (step.EndsWith('\'') ? DerivedKey.Hardened : 0))!;
        }

        return key;
    }

    private static byte[] Decoded(string base58)
    {
        const string Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        var number = base58.Aggregate(
            BigInteger.Zero, (sum, digit) => (sum * Digits.Length) + Digits.IndexOf(digit, StringComparison.Ordinal));
        return number.ToByteArray(isUnsigned: true, isBigEndian: true);
    }
}
