using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>An envelope as an originator numbered it.</summary>
/// <param name="OriginatorId">A node's id, or 0 and 1 for the App Chain's group messages and identity updates.</param>
/// <param name="SequenceId">Its number there, from 1.</param>
/// <param name="Topic">The client envelope's target topic.</param>
/// <param name="Bytes">The serialized OriginatorEnvelope.</param>
/// <param name="ExpiryUnixTime">When it may be forgotten, in seconds since 1970; 0 for never.</param>
public sealed record StoredEnvelope(uint OriginatorId, ulong SequenceId, Topic Topic, ReadOnlyMemory<byte> Bytes, ulong ExpiryUnixTime);
