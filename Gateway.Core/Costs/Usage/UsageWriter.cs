using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Costs.Usage;

/// <summary>Stores what the counter has counted, every 5 s and at the stop.</summary>
/// <remarks>
/// A batch that the store did not confirm is given to it again, with the same number, before the next; meanwhile the counter counts
/// on. What was not stored when the process is killed, at most that of 5 s and of an outage, is lost to the sums.
/// </remarks>
internal sealed class UsageWriter(UsageCounter counter, IUsageStore store, TimeProvider time) : BackgroundService
{
    internal static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private const int MaxWaiting = 100;
    private static readonly TimeSpan MaxFinalWrite = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Queue<(UsageBatch Batch, long Number)> _waiting = new();
    private long _number;

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        counter.Open();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // Also when the drain timeout has passed.
        using var timeout = new CancellationTokenSource(MaxFinalWrite, time);
        await WriteAsync(timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _writing.Dispose();
        base.Dispose();
    }

    /// <summary>Stores what was counted until now.</summary>
    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // In an outage what comes later stays in the counter, which is bounded.
            if (_waiting.Count < MaxWaiting)
                foreach (var batch in counter.Take()) _waiting.Enqueue((batch, ++_number));
            while (_waiting.TryPeek(out var next))
            {
                if (!await store.AddAsync(next.Batch, next.Number, cancellationToken).ConfigureAwait(false)) return;
                _waiting.Dequeue();
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false)) await WriteAsync(stoppingToken).ConfigureAwait(false);
    }
}
