using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>A usable node of the Broadcast Network: canonical, with a valid key and an http(s) address.</summary>
/// <param name="Id">The originator id.</param>
/// <param name="Address">The address of its API.</param>
/// <param name="PublicKey">The key that signs its originator envelopes: 65 bytes, uncompressed.</param>
/// <param name="Signer">The address of that key in the registry.</param>
public sealed record NetworkNode(uint Id, Uri Address, ReadOnlyMemory<byte> PublicKey, EthereumAddress Signer)
{
    /// <summary>Compares values, and the key by its bytes, so that two reads of the same node are equal.</summary>
    public bool Equals(NetworkNode? other) =>
        ReferenceEquals(this, other)
        || (other is not null
            && Id == other.Id
            && Address == other.Address
            && Signer == other.Signer
            && PublicKey.Span.SequenceEqual(other.PublicKey.Span));

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Id;
}
