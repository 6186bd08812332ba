using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Health;

namespace Xmtp.Gateway.Costs.Spending;

/// <summary>
/// Reads the charges to the payer since the gateway started, and reads the newest blocks again each time, so that chain
/// reorganizations are counted correctly.
/// </summary>
/// <remarks>
/// A range that fails is halved, and grows again, as <see cref="LogPageSize"/> says. An endpoint whose head is behind the
/// last one read changes nothing.
/// </remarks>
internal sealed partial class SettledUsageReader(
    CostChainClients chains, ISigner signer, SpendLedger ledger, ILogger<SettledUsageReader> logger,
    UnreachableEndpoints? unreachable = null)
    : ISettledUsage
{
    private const ulong MayChange = 64;

    private readonly Dictionary<(Bytes32 Block, ulong Index), UsageCharge> _recent = [];
    private readonly Lock _gate = new();
    private readonly ReadFaults _faults = new(unreachable);
    private readonly ILogger _logger = logger;
    private ImmutableList<Action<UsageCharge>> _readers = [];
    private Microdollars _settled;
    private ulong? _next;
    private ulong _head;
    private LogPageSize? _page;

    public SpendReconciliation Reconciliation
    {
        get
        {
            lock (_gate) return new SpendReconciliation(ledger.Total.Fees, Picodollars.From(_settled));
        }
    }

    public IDisposable OnCharge(Action<UsageCharge> charged)
    {
        ArgumentNullException.ThrowIfNull(charged);
        ImmutableInterlocked.Update(ref _readers, (all, one) => all.Add(one), charged);
        return new Subscription(this, charged);
    }

    /// <summary>Reads up to a head of the settlement chain. Must not be called concurrently.</summary>
    /// <returns>Whether everything up to the head was read.</returns>
    internal async Task<bool> ReadAsync(ulong newHead, CancellationToken cancellationToken)
    {
        _next ??= newHead + 1;
        if (newHead < _head) return false;
        _head = newHead;
        var read = await ReadPagesAsync(_next.Value, cancellationToken).ConfigureAwait(false);

        // Blocks that are old enough are final; the others are read again next time.
        var final = _head > MayChange ? _head - MayChange : 0;
        _next = Math.Max(_next.Value, Math.Min(read, final));
        foreach (var (key, charge) in _recent.ToList())
            if (charge.Block < _next) _recent.Remove(key);
        return read > _head;
    }

    // Returns the first block that was not read.
    private async Task<ulong> ReadPagesAsync(ulong at, CancellationToken cancellationToken)
    {
        var page = _page ??= new LogPageSize((ulong)chains.PageSize);
        while (at <= _head)
        {
            var last = Math.Min(_head, at + page.Blocks - 1);
            var read = await chains.Settlement.GetLogsAsync(Filter().Between(at, last), cancellationToken).ConfigureAwait(false);
            if (read.TryGet(out var logs, out var error))
            {
                page.Grow(last - at + 1);
                _faults.Worked();
                await TakeAsync(at, last, logs, cancellationToken).ConfigureAwait(false);
                at = last + 1;
            }
            else if (!page.TryShrink(error, last - at + 1))
            {
                var severity = _faults.Failed(chains.Settlement.Transport, error);
                LogUnread(_logger, severity, error);
                break;
            }
        }

        return at;
    }

    private LogFilter Filter() => new()
    {
        Addresses = [chains.PayerRegistry.Address],
        Topics = [[PayerRegistryEvents.UsageSettledTopic], null, [PayerRegistryEvents.PayerTopic(signer.Address)]],
    };

    private async Task TakeAsync(ulong first, ulong last, IReadOnlyList<LogEntry> logs, CancellationToken cancellationToken)
    {
        var seen = new HashSet<(Bytes32, ulong)>();
        foreach (var log in logs)
        {
            if (log.Removed || !PayerRegistryEvents.TryReadUsageSettled(log, out var usage) || usage.Payer != signer.Address) continue;
            var key = (log.BlockHash, log.LogIndex);
            seen.Add(key);
            var charge = new UsageCharge(usage.PayerReportId, usage.Amount, log.BlockNumber);
            if (_recent.TryAdd(key, charge)) Tell(charge);
        }

        foreach (var (key, charge) in _recent.ToList())
            if (charge.Block >= first
                && charge.Block <= last
                && !seen.Contains(key)
                && await IsGoneAsync(key.Block, charge.Block, cancellationToken).ConfigureAwait(false)
                && _recent.Remove(key))
            {
                Tell(charge with { Amount = new Microdollars(-charge.Amount.Value) });
            }
    }

    // A lagging endpoint returns no logs of a block that is still valid.
    private async Task<bool> IsGoneAsync(Bytes32 hash, ulong number, CancellationToken cancellationToken) =>
        (await chains.Settlement.GetBlockAsync(BlockTag.At(number), cancellationToken).ConfigureAwait(false)).Value is { } there
            && there.Hash != hash;

    private void Tell(UsageCharge charge)
    {
        lock (_gate) _settled = new Microdollars(_settled.Value + charge.Amount.Value);
        foreach (var reader in _readers)
        {
            try
            {
                reader(charge);
            }
#pragma warning disable CA1031 // a subscriber's exception must not make a charge count twice, or not at all, for the others
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(_logger, exception);
            }
        }
    }

    private sealed class Subscription(SettledUsageReader owner, Action<UsageCharge> charged) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref owner._readers, (all, one) => all.Remove(one), charged);
    }

    [LoggerMessage(
        EventId = EventIds.SettledUsageReaderUnread,
        Message = "the charges of the payer could not be read; retrying: {Error}")]
    private static partial void LogUnread(ILogger logger, LogLevel severity, RpcError error);

    [LoggerMessage(EventIds.SettledUsageReaderFailed, LogLevel.Error, "a subscriber to settled charges threw an exception")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
