namespace Xmtp.Gateway.Publishing;

/// <summary>The deadline of a publish ended a wait; the awaited operation itself did not fail.</summary>
internal sealed class DeadlinePassedException(TimeoutException timeout) : TimeoutException(timeout.Message, timeout);
