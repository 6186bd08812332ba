using System.Numerics;
using Nethereum.ABI.EIP712;
using Nethereum.Model;
using Nethereum.Signer;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum;

/// <summary>
/// Adapts an <see cref="ISigner"/> to Nethereum's external signer: it signs hashes, and v is encoded as each kind of
/// message requires.
/// </summary>
internal sealed class ExternalSigner(ISigner signer, CancellationToken cancellationToken) : IEthExternalSigner
{
    private const int MessageOffset = 27;

    public bool CalculatesV => true;

    public ExternalSignerTransactionFormat ExternalSignerTransactionFormat => ExternalSignerTransactionFormat.Hash;

    public bool Supported1559 => true;

    public Task<string> GetAddressAsync() => Task.FromResult(signer.Address.ToString());

    public Task<EthECDSASignature> SignAsync(byte[] rawBytes) => SignAsync(rawBytes, parity => parity + MessageOffset);

    public Task<EthECDSASignature> SignAsync(byte[] rawBytes, BigInteger chainId) =>
        SignAsync(rawBytes, parity => (chainId * 2) + 35 + parity);

    public Task<EthECDSASignature> SignEthereumMessageAsync(byte[] rawBytes) =>
        SignAsync(new EthereumMessageSigner().HashPrefixedMessage(rawBytes));

    public async Task<string> SignTypedDataJsonAsync(string typedDataJson, string messageKeySelector = "message")
    {
        var encoded = new Eip712TypedDataEncoder().EncodeTypedData<Domain>(typedDataJson, messageKeySelector);
        return EthECDSASignature.CreateStringSignature(await SignAsync(Keccak256.Hash(encoded)).ConfigureAwait(false));
    }

    public async Task SignAsync(LegacyTransaction transaction) =>
        transaction.SetSignature(await SignAsync(transaction.RawHash).ConfigureAwait(false));

    public async Task SignAsync(LegacyTransactionChainId transaction) =>
        transaction.SetSignature(await SignAsync(transaction.RawHash, transaction.GetChainIdAsBigInteger()).ConfigureAwait(false));

    public async Task SignAsync(Transaction1559 transaction) =>
        transaction.SetSignature(await SignAsync(transaction.RawHash, parity => parity).ConfigureAwait(false));

    public async Task SignAsync(Transaction7702 transaction) =>
        transaction.SetSignature(await SignAsync(transaction.RawHash, parity => parity).ConfigureAwait(false));

    private async Task<EthECDSASignature> SignAsync(byte[] hash, Func<int, BigInteger> v)
    {
        var signature = new byte[65];
        await signer.SignAsync(hash, signature, cancellationToken).ConfigureAwait(false);

        // Zero is one byte here but none in the transaction: Nethereum writes it so.
        return EthECDSASignatureFactory.FromComponents(
            signature[..32], signature[32..64], v(signature[64]).ToByteArray(isUnsigned: true, isBigEndian: true));
    }
}
