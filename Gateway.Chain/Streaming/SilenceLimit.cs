namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>
/// How long subscriptions may be silent before the connection is renewed. It doubles with each renewal, up to 16 times, so that
/// an endpoint whose subscriptions never deliver in time is not connected to again and again; and begins anew when no renewal
/// was needed for twice the longest time.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class SilenceLimit(TimeProvider time)
{
    private const int MaxFactor = 16;
    private int _factor = 1;
    private long _renewedAt;

    /// <summary>The time now.</summary>
    /// <param name="first">The time before the first renewal.</param>
    public TimeSpan Of(TimeSpan first)
    {
        if (_factor > 1 && time.GetElapsedTime(_renewedAt) >= first * (2 * MaxFactor)) _factor = 1;
        return first * _factor;
    }

    /// <summary>The connection was renewed.</summary>
    public void CountRenewal()
    {
        _factor = Math.Min(_factor * 2, MaxFactor);
        _renewedAt = time.GetTimestamp();
    }
}
