using System.Security.Cryptography;
using System.Text;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Crypto;

public class Secp256k1Tests
{
    public static IEnumerable<TheoryDataRow<ISecp256k1>> Implementations => Curves.Rows;

    [Theory, MemberData(nameof(Implementations))]
    public void The_signature_is_that_of_RFC_6979(ISecp256k1 curve)
    {
        // A published vector of RFC 6979 on this curve: key 1, SHA-256("Satoshi Nakamoto").
        var signature = new byte[65];
        curve.SignRecoverable(SHA256.HashData(Encoding.UTF8.GetBytes("Satoshi Nakamoto")), Key(1), signature);
        Assert.Equal(
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8" +
            "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
            Convert.ToHexStringLower(signature.AsSpan(0, 64)));
        Assert.InRange(signature[64], 0, 1);
    }

    [Fact]
    public void All_implementations_agree_byte_for_byte_and_accept_each_other()
    {
        var random = new Random(2);
        for (var i = 0; i < 50; i++)
        {
            var (key, hash) = (new byte[32], new byte[32]);
            random.NextBytes(key);
            random.NextBytes(hash);
            var made = Curves.All.Select(curve => Sign(curve, hash, key)).ToList();
            Assert.All(made, result => Assert.Equal(made[0].Signature, result.Signature));
            Assert.All(made, result => Assert.Equal(made[0].PublicKey, result.PublicKey));
            foreach (var curve in Curves.All)
            {
                var recovered = new byte[65];
                Assert.True(curve.TryRecover(hash, made[0].Signature, recovered));
                Assert.Equal(made[0].PublicKey, recovered);
                Assert.True(curve.Verify(hash, made[0].Signature, recovered));
            }
        }
    }

    [Theory, MemberData(nameof(Implementations))]
    public void Another_hash_another_key_or_a_changed_signature_does_not_verify(ISecp256k1 curve)
    {
        var hash = SHA256.HashData([1]);
        var (signature, key) = Sign(curve, hash, Key(7));
        var (_, otherKey) = Sign(curve, hash, Key(8));
        Assert.True(curve.Verify(hash, signature, key));
        Assert.False(curve.Verify(SHA256.HashData([2]), signature, key));
        Assert.False(curve.Verify(hash, signature, otherKey));
        for (var i = 0; i < 64; i++)
        {
            var changed = signature.ToArray();
            changed[i] ^= 0x40;
            Assert.False(curve.Verify(hash, changed, key));
        }
    }

    [Theory, MemberData(nameof(Implementations))]
    public void A_high_s_is_refused(ISecp256k1 curve)
    {
        var hash = SHA256.HashData([1]);
        var (signature, key) = Sign(curve, hash, Key(7));
        var order = System.Numerics.BigInteger.Parse(
            "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", System.Globalization.NumberStyles.HexNumber, null);
        var s = order - new System.Numerics.BigInteger(signature.AsSpan(32, 32), isUnsigned: true, isBigEndian: true);
        var bytes = s.ToByteArray(isUnsigned: true, isBigEndian: true);
        signature.AsSpan(32, 32).Clear();
        bytes.CopyTo(signature.AsSpan(64 - bytes.Length));
        Assert.False(curve.Verify(hash, signature, key));
    }

    [Theory, MemberData(nameof(Implementations))]
    public void An_invalid_key_or_signature_is_refused(ISecp256k1 curve)
    {
        var publicKey = new byte[65];
        Assert.False(curve.TryGetPublicKey(new byte[32], publicKey));
        Assert.False(curve.TryGetPublicKey(Enumerable.Repeat((byte)0xFF, 32).ToArray(), publicKey));
        Assert.False(curve.TryGetPublicKey(new byte[31], publicKey));
        Assert.False(curve.IsValidPublicKey(new byte[65]));
        var (signature, key) = Sign(curve, new byte[32], Key(3));
        Assert.True(curve.IsValidPublicKey(key));
        Assert.False(curve.IsValidPublicKey(key.AsSpan(0, 64)));
        foreach (var first in new byte[] { 0, 2, 3, 5, 6, 7 })
        {
            key[0] = first;
            Assert.False(curve.IsValidPublicKey(key));
        }

        Assert.False(curve.TryRecover(new byte[32], new byte[65], publicKey));
        foreach (var v in new byte[] { 2, 3, 27, 28, 255 })
        {
            signature[64] = v;
            Assert.False(curve.TryRecover(new byte[32], signature, publicKey));
        }

        Assert.ThrowsAny<CryptographicException>(() => curve.SignRecoverable(new byte[32], new byte[32], new byte[65]));
    }

    [Fact]
    public void A_signer_knows_its_address_and_never_shows_its_key()
    {
        const string key = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
        Assert.True(PrivateKeySigner.TryParse(key, out var signer));
        Assert.Equal("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", signer.ToString());
        Assert.True(PrivateKeySigner.TryParse(key[2..].ToUpperInvariant(), out var same));
        Assert.Equal(signer.Address, same.Address);
        foreach (var bad in new[]
        {
            null,
            "",
            "0x",
            key[..65],
            key + "00",
            "0x" + new string('0', 64),
            "0x" + new string('f', 64),
            "0x" + new string('g', 64),
        })
        {
            Assert.False(PrivateKeySigner.TryParse(bad, out _));
        }
    }

    private static byte[] Key(byte last) => [.. new byte[31], last];

    private static (byte[] Signature, byte[] PublicKey) Sign(ISecp256k1 curve, byte[] hash, byte[] key)
    {
        var (signature, publicKey) = (new byte[65], new byte[65]);
        curve.SignRecoverable(hash, key, signature);
        Assert.True(curve.TryGetPublicKey(key, publicKey));
        return (signature, publicKey);
    }
}
