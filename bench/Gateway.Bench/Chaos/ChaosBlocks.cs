using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>Records when the chain had which height.</summary>
internal sealed class ChaosBlocks : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly ConcurrentDictionary<ulong, long> _askedAt = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;

    private ChaosBlocks(EthereumRpc chain) => _asking = AskAsync(chain, _stop.Token);

    /// <summary>Starts to ask the chain.</summary>
    public static ChaosBlocks Start(EthereumRpc chain) => new(chain);

    /// <summary>The last known time at which a block was not mined yet, as a timestamp of the clock; null when none is known.</summary>
    public long? Before(ulong block) =>
        _askedAt.Where(height => height.Key < block).Select(height => (long?)height.Value).DefaultIfEmpty().Max();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    // At the time of the question the chain had at most the height of the answer.
    private async Task AskAsync(EthereumRpc chain, CancellationToken cancellationToken)
    {
        while (true)
        {
            var asked = TimeProvider.System.GetTimestamp();
            if ((await chain.GetBlockNumberAsync(cancellationToken)).TryGet(out var height, out _)) _askedAt[height] = asked;
            await ChaosFault.WaitAsync(Interval, cancellationToken);
        }
    }
}
