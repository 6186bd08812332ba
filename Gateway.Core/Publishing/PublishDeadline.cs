namespace Xmtp.Gateway.Publishing;

/// <summary>
/// The moment by which a request must be answered: the least of the caller's grpc-timeout and 100 s (SDKs give up at
/// 120 s).
/// </summary>
/// <param name="Timestamp">A timestamp of <see cref="TimeProvider.GetTimestamp"/>.</param>
/// <param name="Time">The clock that made it.</param>
public readonly record struct PublishDeadline(long Timestamp, TimeProvider Time)
{
    // Timers count whole milliseconds: one that was set to what remains may end this much before it.
    private static readonly TimeSpan TimerResolution = TimeSpan.FromMilliseconds(5);

    /// <summary>The longest that any request may take.</summary>
    public static TimeSpan Max { get; } = TimeSpan.FromSeconds(100);

    /// <summary>A deadline from now.</summary>
    public static PublishDeadline After(TimeSpan timeout, TimeProvider time)
    {
        var bounded = timeout < Max ? timeout : Max;
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

    /// <summary>Whether a wait for what remained has ended by it.</summary>
    internal bool HasPassed => Remaining <= TimerResolution;

    /// <summary>Waits for a hook no longer than the deadline. A result that is there already costs nothing.</summary>
    /// <exception cref="TimeoutException">The deadline passed first.</exception>
    /// <exception cref="OperationCanceledException">The caller left first.</exception>
    internal ValueTask<T> Bound<T>(ValueTask<T> work, CancellationToken cancellationToken) =>
        work.IsCompletedSuccessfully ? work : new ValueTask<T>(work.AsTask().WaitAsync(Remaining, Time, cancellationToken));
}
