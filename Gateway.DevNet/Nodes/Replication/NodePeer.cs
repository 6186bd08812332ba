namespace Xmtp.Gateway.DevNet.Nodes.Replication;

/// <summary>Another node, as a node knows it from the registry.</summary>
/// <param name="Id">Its originator id.</param>
/// <param name="Address">Its address.</param>
/// <param name="PublicKey">The key that signs its envelopes: 65 bytes, uncompressed.</param>
public sealed record NodePeer(uint Id, Uri Address, ReadOnlyMemory<byte> PublicKey);
