namespace Xmtp.Gateway.Publishing;

/// <summary>The deadline of a publish ended a wait; what was waited for did not fail.</summary>
internal sealed class DeadlinePassedException(TimeoutException timeout) : TimeoutException(timeout.Message, timeout);
