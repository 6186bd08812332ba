using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>A usable node of the Broadcast Network: canonical, with a valid key and an http(s) address.</summary>
/// <param name="Id">The originator id.</param>
/// <param name="Address">Where it answers.</param>
/// <param name="PublicKey">The key that signs its originator envelopes: 65 bytes, uncompressed.</param>
/// <param name="Signer">The address of that key in the registry.</param>
public sealed record NetworkNode(uint Id, Uri Address, ReadOnlyMemory<byte> PublicKey, EthereumAddress Signer);
