using System.Security.Cryptography;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Crypto;

/// <summary>libsecp256k1 against BouncyCastle.</summary>
public class Secp256k1AgreementTests
{
    private const string Order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

    public static IEnumerable<TheoryDataRow<ISecp256k1>> Implementations => Curves.Rows;

    // Key, SHA-256 of the text, r‖s: the vectors of RFC 6979 that implementations of this curve share.
    [Theory]
    [InlineData(
        "0000000000000000000000000000000000000000000000000000000000000001",
        "All those moments will be lost in time, like tears in rain. Time to die...",
        "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140", "Satoshi Nakamoto",
        "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5")]
    public void Shared_test_vectors_match(string key, string text, string expected)
    {
        foreach (var curve in Curves.All)
        {
            var signature = new byte[65];
            curve.SignRecoverable(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)), Convert.FromHexString(key), signature);
            Assert.Equal(expected, Convert.ToHexStringLower(signature.AsSpan(0, 64)));
        }
    }

    // A signature of an Ethereum client and the key that it is known to be of.
    [Theory, MemberData(nameof(Implementations))]
    public void A_known_Ethereum_signature_gives_its_key(ISecp256k1 curve)
    {
        var hash = Convert.FromHexString("ce0677bb30baa8cf067c88db9811f4333d131bf8bcf12fe7065d211dce971008");
        var signature = Convert.FromHexString(
            "90f27b8b488db00b00606796d2987f6a5f59ae62ea05effe84fef5b8b0e549984a691139ad57a3f0b906637673aa2f63d1f55cb1a69199d4009eea23ce" +
            "addc9301");
        var expected = Convert.FromHexString(
            "04e32df42865e97135acfb65f3bae71bdc86f4d49150ad6a440b6f15878109880a0a2b2667f7e725ceea70c673093bf67663e0312623c8e091b13cf2c0" +
            "f11ef652");
        var key = new byte[65];
        Assert.True(curve.TryRecover(hash, signature, key));
        Assert.Equal(expected, key);
        Assert.True(curve.Verify(hash, signature, key));
    }

    [Fact]
    public void Keys_and_hashes_at_the_edges_of_their_range_are_signed_alike()
    {
        string[] keys = [new string('0', 63) + "1", Order[..63] + "0", "80" + new string('0', 62)];
        string[] hashes =
        [
            new string('0', 64), new string('0', 63) + "1", Order, Order[..63] + "0", Order[..63] + "2",
            new string('f', 64),
        ];
        foreach (var key in keys.Select(Convert.FromHexString))
            foreach (var hash in hashes.Select(Convert.FromHexString))
                AssertAgreement(key, hash);
    }

    [Fact]
    public void Many_keys_and_hashes_are_signed_alike()
    {
        var random = new Random(7);
        var (key, hash) = (new byte[32], new byte[32]);
        for (var i = 0; i < 200; i++)
        {
            random.NextBytes(key);
            random.NextBytes(hash);
            AssertAgreement(key, hash);
        }
    }

    [Fact]
    public void Random_signatures_are_recovered_or_refused_alike()
    {
        var random = new Random(8);
        var signature = new byte[65];
        for (var i = 0; i < 200; i++)
        {
            random.NextBytes(signature);
            signature[64] = (byte)(i % 3);
            // Now and then an r or an s beyond the order, or none.
            if (i % 10 == 0) signature.AsSpan(i % 20 == 0 ? 0 : 32, 32).Fill(i % 40 < 20 ? (byte)0xFF : (byte)0);
            var results = Curves.All.Select(curve => Recover(curve, new byte[32], signature)).ToList();
            Assert.All(results, key => Assert.Equal(results[0], key));
        }
    }

    [Theory, MemberData(nameof(Implementations))]
    public void A_key_is_from_one_to_the_order_less_one(ISecp256k1 curve)
    {
        var publicKey = new byte[65];
        Assert.False(curve.TryGetPublicKey(Convert.FromHexString(Order), publicKey));
        Assert.ThrowsAny<CryptographicException>(() => curve.SignRecoverable(new byte[32], Convert.FromHexString(Order), new byte[65]));
        Assert.True(curve.TryGetPublicKey(Convert.FromHexString(Order[..63] + "0"), publicKey));
        Assert.True(curve.IsValidPublicKey(publicKey));
        publicKey[64] ^= 1;
        Assert.False(curve.IsValidPublicKey(publicKey));
        // The right point, with a y that is written beyond the field: 0xff…ff.
        publicKey.AsSpan(33).Fill(0xFF);
        Assert.False(curve.IsValidPublicKey(publicKey));
    }

    [Fact]
    public void A_wrong_length_is_refused_before_the_library_sees_it()
    {
        var curve = Secp256k1.Default;
        var key = Convert.FromHexString(new string('0', 63) + "1");
        Assert.Throws<ArgumentException>(() => curve.SignRecoverable(new byte[31], key, new byte[65]));
        Assert.Throws<ArgumentException>(() => curve.SignRecoverable(new byte[32], key.AsSpan(1), new byte[65]));
        Assert.Throws<ArgumentException>(() => curve.SignRecoverable(new byte[32], key, new byte[64]));
        Assert.Throws<ArgumentException>(() => curve.TryGetPublicKey(key, new byte[64]));
        Assert.False(curve.TryRecover(new byte[32], new byte[64], new byte[65]));
        Assert.False(curve.Verify(new byte[32], new byte[63], new byte[65]));
        Assert.False(curve.Verify(new byte[32], new byte[66], new byte[65]));
    }

    [Theory, MemberData(nameof(Implementations))]
    public void Many_threads_may_sign_at_once(ISecp256k1 curve)
    {
        var key = Convert.FromHexString(new string('7', 64));
        var expected = Enumerable.Range(0, 8).Select(i => Sign(curve, key, SHA256.HashData([(byte)i]))).ToList();
        Parallel.For(0, 160, i => Assert.Equal(expected[i % 8], Sign(curve, key, SHA256.HashData([(byte)(i % 8)]))));
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        var (key, hash, signature, publicKey) = (Convert.FromHexString(new string('7', 64)), new byte[32], new byte[65], new byte[65]);
        var curve = Secp256k1.Default;
        curve.SignRecoverable(hash, key, signature);
        Assert.True(curve.TryRecover(hash, signature, publicKey));
        var before = GC.GetAllocatedBytesForCurrentThread();
        curve.SignRecoverable(hash, key, signature);
        curve.TryRecover(hash, signature, publicKey);
        curve.Verify(hash, signature, publicKey);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void AssertAgreement(byte[] key, byte[] hash)
    {
        var signatures = Curves.All.Select(curve => Sign(curve, key, hash)).ToList();
        Assert.All(signatures, signature => Assert.Equal(signatures[0], signature));
        var publicKey = new byte[65];
        foreach (var curve in Curves.All)
        {
            Assert.True(curve.TryGetPublicKey(key, publicKey));
            Assert.Equal(publicKey, Recover(curve, hash, signatures[0]));
            Assert.True(curve.Verify(hash, signatures[0], publicKey));
        }
    }

    private static byte[] Sign(ISecp256k1 curve, byte[] key, byte[] hash)
    {
        var signature = new byte[65];
        curve.SignRecoverable(hash, key, signature);
        return signature;
    }

    private static byte[]? Recover(ISecp256k1 curve, byte[] hash, byte[] signature)
    {
        var key = new byte[65];
        return curve.TryRecover(hash, signature, key) ? key : null;
    }
}
