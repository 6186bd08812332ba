using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Operator.Lately;

namespace Xmtp.Gateway.Operator.Chains;

/// <summary>Reads the newest block of both chains at their providers, at most every 10 s, while the page is looked at.</summary>
/// <remarks>
/// Never waited for: the page shows what was read last. A block that was known before, from the chain watcher, the funds or an
/// earlier reading, and that the provider does not have yet, shows that it is behind.
/// </remarks>
internal sealed class ChainHeads
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly CostChainClients _chains;
    private readonly FundsState _funds;
    private readonly WatcherReader _watcher;
    private readonly TimeProvider _time;
    private readonly OnDemandReading _reading;
    private volatile ChainHead? _app;
    private volatile ChainHead? _settlement;

    public ChainHeads(CostChainClients chains, FundsState funds, WatcherReader watcher, TimeProvider time)
    {
        _chains = chains;
        _funds = funds;
        _watcher = watcher;
        _time = time;
        _reading = new(ReadAsync, Every, time);
    }

    /// <summary>What was read last; null before the first answer. Starts a reading when that is old.</summary>
    internal (ChainHead? App, ChainHead? Settlement) Latest()
    {
        _reading.Begin();
        return (_app, _settlement);
    }

    /// <summary>The reading that is under way, or the last one.</summary>
    internal Task Reading => _reading.Latest;

    private async Task ReadAsync()
    {
        // The watcher first: of blocks that are made meanwhile the provider has more, not fewer.
        await _watcher.Reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var heads = _watcher.Latest()?.Heads;
        await Task.WhenAll(
            ReadAsync(_chains.App, Known(heads, ChainNames.App, _funds.Gas?.Block, _app), head => _app = head),
            ReadAsync(
                _chains.Settlement, Known(heads, ChainNames.Settlement, _funds.Payer?.Block, _settlement), head => _settlement = head))
            .ConfigureAwait(false);
    }

    private async Task ReadAsync(EthereumRpc rpc, ulong known, Action<ChainHead> learn)
    {
        var read = await rpc.GetBlockAsync(BlockTag.Latest, CancellationToken.None).ConfigureAwait(false);
        if (read.Value is not { } block) return;
        var made = block.KnownTimestamp is { } seconds and <= int.MaxValue
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : (DateTimeOffset?)null;
        var head = new ChainHead(block.Number, made, _time.GetUtcNow(), known > block.Number ? known - block.Number : 0);
        learn(head);
    }

    private static ulong Known(IReadOnlyDictionary<string, WatchedHead>? heads, string chain, ulong? fundsBlock, ChainHead? before) =>
        Math.Max(heads?.GetValueOrDefault(chain)?.Head ?? 0, Math.Max(fundsBlock ?? 0, before?.Number ?? 0));
}

/// <summary>The newest block of a chain at its provider.</summary>
/// <param name="Number">The block's height.</param>
/// <param name="Made">The block's time; null when the provider does not tell it.</param>
/// <param name="ReadAt">When it was read.</param>
/// <param name="Behind">How many blocks that were known before the provider lacked.</param>
internal sealed record ChainHead(ulong Number, DateTimeOffset? Made, DateTimeOffset ReadAt, ulong Behind);
