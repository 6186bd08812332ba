namespace Xmtp.Gateway.Publishing;

/// <summary>
/// The deadline of a request: the lesser of the caller's grpc-timeout and 100 s (SDKs give up at 120 s).
/// </summary>
/// <param name="Timestamp">A timestamp of <see cref="TimeProvider.GetTimestamp"/>.</param>
/// <param name="Time">The clock of that timestamp.</param>
public readonly record struct PublishDeadline(long Timestamp, TimeProvider Time)
{
    /// <summary>The max duration of any request.</summary>
    public static TimeSpan Max { get; } = TimeSpan.FromSeconds(100);

    /// <summary>A deadline from now.</summary>
    public static PublishDeadline After(TimeSpan timeout, TimeProvider time)
    {
        var bounded = timeout < Max ? timeout : Max;
        return new PublishDeadline(time.GetTimestamp() + (long)(bounded.TotalSeconds * time.TimestampFrequency), time);
    }

    /// <summary>The remaining time; never negative.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = Time.GetElapsedTime(Time.GetTimestamp(), Timestamp);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Waits for a hook until the deadline at most. A result that is already available costs nothing.</summary>
    /// <exception cref="DeadlinePassedException">The deadline passed first.</exception>
    /// <exception cref="OperationCanceledException">The caller left first.</exception>
    internal ValueTask<T> Bound<T>(ValueTask<T> work, CancellationToken cancellationToken) =>
        work.IsCompletedSuccessfully ? work : new ValueTask<T>(Bound(work.AsTask(), cancellationToken));

    /// <inheritdoc cref="Bound{T}(ValueTask{T}, CancellationToken)"/>
    internal async Task<T> Bound<T>(Task<T> work, CancellationToken cancellationToken)
    {
        await Bound((Task)work, cancellationToken).ConfigureAwait(false);
        return await work.ConfigureAwait(false);
    }

    /// <inheritdoc cref="Bound{T}(ValueTask{T}, CancellationToken)"/>
    internal async Task Bound(Task work, CancellationToken cancellationToken)
    {
        try
        {
            await work.WaitAsync(Remaining, Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException exception) when (work.Exception?.InnerException != exception)
        {
            // The clock is not checked again: a timer counts whole milliseconds, and may fire a moment before the deadline.
            throw new DeadlinePassedException(exception);
        }
    }
}
