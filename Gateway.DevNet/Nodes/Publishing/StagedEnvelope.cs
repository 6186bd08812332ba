namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>An envelope that a node took and has not signed and inserted yet.</summary>
/// <param name="SequenceId">The number that it has and keeps.</param>
/// <param name="Nanoseconds">When it was staged, since 1970: the originator's time.</param>
/// <param name="Envelope">What was taken.</param>
/// <param name="Timestamp">When it was staged, by the node's stopwatch; null when that was in an earlier process.</param>
internal sealed record StagedEnvelope(ulong SequenceId, long Nanoseconds, CheckedPayerEnvelope Envelope, long? Timestamp);
