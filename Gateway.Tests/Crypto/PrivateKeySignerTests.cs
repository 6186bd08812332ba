using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.Crypto;

public class PrivateKeySignerTests
{
    // The published accounts of local test chains.
    [Theory]
    [InlineData("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")]
    [InlineData("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")]
    [InlineData("5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a", "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")]
    [InlineData("0X7C852118294E51E653712A81E05800F419141751BE58F605C371E15141B007A6", "0x90F79bf6EB2c4f870365E785982E1f101E93b906")]
    public async Task A_key_has_its_known_address_and_signs_with_every_implementation(string key, string address)
    {
        var hash = Keccak256.Hash("hello"u8);
        foreach (var curve in Curves.All)
        {
            Assert.True(PrivateKeySigner.TryParse(key, curve, out var signer));
            Assert.Equal(address, signer.Address.ToString());
            var (signature, recovered) = (new byte[65], new byte[65]);
            await signer.SignAsync(hash, signature, TestContext.Current.CancellationToken);
            Assert.True(Secp256k1.Default.TryRecover(hash, signature, recovered));
            Assert.Equal(signer.PublicKey.ToArray(), recovered);
            Assert.DoesNotContain(key[^40..], signer.ToString(), StringComparison.OrdinalIgnoreCase);
        }
    }
}
