namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>An accepted envelope that is not signed and inserted yet.</summary>
/// <param name="SequenceId">Its final sequence id.</param>
/// <param name="Nanoseconds">When it was staged, in nanoseconds since 1970: the originator's time.</param>
/// <param name="Envelope">The accepted envelope.</param>
/// <param name="Timestamp">
/// When it was staged, as a timestamp of the node's clock; null when an earlier process staged it.
/// </param>
internal sealed record StagedEnvelope(ulong SequenceId, long Nanoseconds, CheckedPayerEnvelope Envelope, long? Timestamp);
