namespace Xmtp.Gateway.Transactions;

/// <summary>Lets one line through a window, and counts those that it held back. Thread-safe.</summary>
internal sealed class LogThrottle(TimeSpan window, TimeProvider time)
{
    private readonly Lock gate = new();
    private long? last;
    private long heldBack;

    /// <summary>Whether the line may be written now.</summary>
    /// <param name="since">How many were held back since the last one that passed.</param>
    internal bool TryPass(out long since)
    {
        lock (gate)
        {
            since = heldBack;
            if (last is { } before && time.GetElapsedTime(before) < window)
            {
                heldBack++;
                return false;
            }

            (last, heldBack) = (time.GetTimestamp(), 0);
            return true;
        }
    }
}
