namespace Xmtp.Gateway.Transactions;

/// <summary>Lets one log line pass per time window, and counts the suppressed ones. Thread-safe.</summary>
internal sealed class LogThrottle(TimeSpan window, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long? _last;
    private long _heldBack;

    /// <summary>Whether the line may be written now.</summary>
    /// <param name="since">How many lines were suppressed since the last one that passed.</param>
    internal bool TryPass(out long since)
    {
        lock (_gate)
        {
            since = _heldBack;
            if (_last is { } before && time.GetElapsedTime(before) < window)
            {
                _heldBack++;
                return false;
            }

            _last = time.GetTimestamp();
            _heldBack = 0;
            return true;
        }
    }
}
