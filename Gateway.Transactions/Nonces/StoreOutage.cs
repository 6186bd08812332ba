namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>How long a store has continuously not answered one caller. Not thread-safe.</summary>
/// <param name="timeout">How long a caller waits.</param>
/// <param name="time">The clock.</param>
internal sealed class StoreOutage(TimeSpan timeout, TimeProvider time)
{
    // Measured from the start of the call, not from its timeout.
    private long _since = time.GetTimestamp();
    private bool _isAway;

    /// <summary>Whether the store has been unavailable for the whole timeout.</summary>
    internal bool IsTooLong => _isAway && time.GetElapsedTime(_since) >= timeout;

    /// <summary>Records whether a call was answered.</summary>
    internal void Note(bool wasAway)
    {
        _isAway = wasAway;
        if (!wasAway) _since = time.GetTimestamp();
    }
}
