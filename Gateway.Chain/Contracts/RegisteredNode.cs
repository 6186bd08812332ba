using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>
/// A node as stored in the registry. The key and the address may be anything; <see cref="UsableAddress"/> checks both.
/// </summary>
/// <param name="NodeId">Its originator id.</param>
/// <param name="Signer">The address of its signing key.</param>
/// <param name="IsCanonical">Whether it is in the canonical network now.</param>
/// <param name="SigningPublicKey">Its signing key; 65 bytes, uncompressed, when it is valid.</param>
/// <param name="HttpAddress">The address that the node's registration gives.</param>
public sealed record RegisteredNode(
    uint NodeId, EthereumAddress Signer, bool IsCanonical, ReadOnlyMemory<byte> SigningPublicKey, string HttpAddress)
{
    /// <summary>
    /// Where it is reached. Null when nobody can use the node: its address is not an http or https URL, or its key is no point of the
    /// curve.
    /// </summary>
    public Uri? UsableAddress =>
        Uri.TryCreate(HttpAddress, UriKind.Absolute, out var address)
        && address.Scheme is "http" or "https"
        && Secp256k1.Default.IsValidPublicKey(SigningPublicKey.Span)
            ? address
            : null;

    // NodeWithId(uint32 nodeId, Node node); Node(address signer, bool isCanonical, bytes signingPublicKey, string httpAddress)
    internal static RegisteredNode ReadWithId(AbiReader element)
    {
        var withId = element.DynamicTuple();
        return ReadNode(withId.UInt32(), withId.DynamicTuple());
    }

    internal static RegisteredNode ReadNode(uint id, AbiReader node) => new(id, node.Address(), node.Bool(), node.Bytes(), node.String());
}
