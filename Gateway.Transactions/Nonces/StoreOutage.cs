namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>How long a store has continuously not answered one caller. Not thread-safe.</summary>
/// <param name="timeout">How long a caller waits.</param>
/// <param name="time">The clock.</param>
internal sealed class StoreOutage(TimeSpan timeout, TimeProvider time)
{
    // Measured from the start of the call, not from its timeout.
    private long _since = time.GetTimestamp();
    private bool _isUnavailable;

    /// <summary>Whether the store has been unavailable for the whole timeout.</summary>
    internal bool IsTooLong => _isUnavailable && time.GetElapsedTime(_since) >= timeout;

    /// <summary>Records whether a call was answered.</summary>
    internal void Note(bool wasUnavailable)
    {
        _isUnavailable = wasUnavailable;
        if (!wasUnavailable) _since = time.GetTimestamp();
    }
}
