namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Measures how late this process gets its turn. Where that is seconds, the machine gives the parts of a run too little: processes take
/// longer to start than a fault may be felt, and nodes longer to answer than gateways wait.
/// </summary>
internal sealed class ChaosPulse : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating;
    private long _maxDelay;

    private ChaosPulse() => _beating = BeatAsync(_stop.Token);

    /// <summary>The longest time that it came late.</summary>
    public TimeSpan MaxDelay => new(Interlocked.Read(ref _maxDelay));

    /// <summary>Starts to measure.</summary>
    public static ChaosPulse Start() => new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var began = TimeProvider.System.GetTimestamp();
            await ChaosFault.WaitAsync(Interval, cancellationToken);
            var late = TimeProvider.System.GetElapsedTime(began) - Interval;
            if (late > MaxDelay) Interlocked.Exchange(ref _maxDelay, late.Ticks);
        }
    }
}
