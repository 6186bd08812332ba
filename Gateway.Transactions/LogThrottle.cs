namespace Xmtp.Gateway.Transactions;

/// <summary>Lets a bounded number of log lines pass per time window, and counts the suppressed ones. Thread-safe.</summary>
/// <param name="window">The length of a window, which starts with its first line.</param>
/// <param name="time">The clock.</param>
/// <param name="lines">Max lines of a window, at least 1.</param>
internal sealed class LogThrottle(TimeSpan window, TimeProvider time, int lines = 1)
{
    private readonly Lock _gate = new();
    private long? _windowStart;
    private int _passed;
    private long _suppressed;

    /// <summary>Whether the line may be written now.</summary>
    /// <param name="suppressed">How many lines were suppressed since the last one that passed.</param>
    internal bool TryPass(out long suppressed)
    {
        lock (_gate)
        {
            suppressed = _suppressed;
            if (_windowStart is not { } start || time.GetElapsedTime(start) >= window)
            {
                _windowStart = time.GetTimestamp();
                _passed = 0;
            }

            if (_passed == lines)
            {
                _suppressed++;
                return false;
            }

            _passed++;
            _suppressed = 0;
            return true;
        }
    }
}
