namespace Xmtp.Gateway.Publishing;

/// <summary>The moment by which a request must be answered: the least of the caller's grpc-timeout and 100 s (SDKs give up at 120 s).</summary>
/// <param name="Timestamp">A timestamp of <see cref="TimeProvider.GetTimestamp"/>.</param>
/// <param name="Time">The clock that made it.</param>
public readonly record struct PublishDeadline(long Timestamp, TimeProvider Time)
{
    /// <summary>The longest that any request may take.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromSeconds(100);

    /// <summary>A deadline from now.</summary>
    public static PublishDeadline After(TimeSpan timeout, TimeProvider time)
    {
        var bounded = timeout < Longest ? timeout : Longest;
        return new PublishDeadline(time.GetTimestamp() + (long)(bounded.TotalSeconds * time.TimestampFrequency), time);
    }

    /// <summary>What is left; never negative.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = Time.GetElapsedTime(Time.GetTimestamp(), Timestamp);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
