using CsCheck;
using NBitcoin.Secp256k1;
using Nethereum.Signer;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Oracle;

public class SignatureOracleTests
{
    [Fact]
    public Task Signatures_are_those_of_Nethereum_and_each_recovers_the_others() =>
        Generated.AgreeAsync(Gen.Select(Generated.PrivateKey, Generated.Hash), Cases.Signatures, input =>
        {
            var (key, hash) = input;
            var (signature, publicKey) = Sign(key, hash);
            var theirs = new EthECKey(key, true).SignAndCalculateYParityV(hash);

            Assert.Equal([.. Padded(theirs.R), .. Padded(theirs.S), .. theirs.V], signature);
            Assert.True(theirs.IsLowS);
            var ours = EthECDSASignatureFactory.FromComponents(signature[..32], signature[32..64], signature[64..]);
            Assert.Equal(publicKey, EthECKey.RecoverFromParityYSignature(ours, hash).GetPubKey(false));
            Assert.True(new EthECKey(key, true).VerifyAllowingOnlyLowS(hash, ours));
        });

    // Of hashes that are not below the order NBitcoin makes another nonce: it does not reduce them, as RFC 6979 wants it.
    [Fact]
    public Task Signatures_are_those_of_NBitcoin_which_Nethereum_can_sign_with() =>
        Generated.AgreeAsync(Gen.Select(Generated.PrivateKey, Gen.Byte.Array[32]), Cases.SignaturesOfNBitcoin, input =>
        {
            var (key, hash) = input;
            var (signature, publicKey) = Sign(key, hash);
            var theirs = Context.Instance.CreateECPrivKey(key);

            Assert.True(theirs.TrySignRecoverable(hash, out var recoverable));
            recoverable!.Deconstruct(out var r, out var s, out var recoveryId);
            Assert.Equal([.. r.ToBytes(), .. s.ToBytes(), (byte)recoveryId], signature);
            Assert.Equal(publicKey, theirs.CreatePubKey().ToBytes(compressed: false));
            Assert.True(Xmtp.Gateway.Crypto.Secp256k1.Default.Verify(hash, signature, publicKey));
        });

    private static (byte[] Signature, byte[] PublicKey) Sign(byte[] key, byte[] hash)
    {
        Assert.True(PrivateKeySigner.TryParse(Convert.ToHexString(key), out var signer));
        var signature = new byte[65];
        signer.Sign(hash, signature);
        return (signature, signer.PublicKey.ToArray());
    }

    private static byte[] Padded(byte[] number) => [.. new byte[32 - number.Length], .. number];
}
