namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>For how long, without an answer between, a store has not answered one caller. Not thread-safe.</summary>
/// <param name="timeout">How long a caller waits.</param>
/// <param name="time">The clock.</param>
internal sealed class StoreOutage(TimeSpan timeout, TimeProvider time)
{
    // It counts from when the question was asked, not from when its answer was given up.
    private long _since = time.GetTimestamp();
    private bool _isAway;

    /// <summary>Whether the caller has waited for it long enough.</summary>
    internal bool IsTooLong => _isAway && time.GetElapsedTime(_since) >= timeout;

    /// <summary>A question was answered, or was not.</summary>
    internal void Note(bool wasAway)
    {
        _isAway = wasAway;
        if (!wasAway) _since = time.GetTimestamp();
    }
}
