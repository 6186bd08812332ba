using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>
/// Which senders this process finds unavailable: those whose oldest transaction here is stuck, and those that could not pay for one.
/// </summary>
internal sealed partial class SenderHealth(
    SenderSet senders, ChainAccount chain, AppChainTransactionOptions options, TimeProvider time, ILogger<SenderHealth> logger)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<EthereumAddress, Empty> _empty = new();
    private readonly Lock _gate = new();
    private readonly HashSet<EthereumAddress> _reported = [];

    /// <summary>Called for a sender that could not pay for a transaction; null for nobody.</summary>
    internal Action<EthereumAddress>? OnEmpty { get; set; }

    /// <summary>A sender could not pay for a transaction, which was not sent.</summary>
    internal void MarkEmpty(EthereumAddress sender)
    {
        OnEmpty?.Invoke(sender);
        var now = time.GetTimestamp();
        var pause = options.NonceStore.Lease;
        _empty.AddOrUpdate(
            sender,
            _ => new Empty(now, pause, null),
            (_, before) => time.GetElapsedTime(before.Since, now) < before.Pause
                ? before
                : new Empty(now, DoublingPause.After(before.Pause, MaxPause), null));
    }

    /// <summary>A transaction of a sender was mined, or one that gave it gas.</summary>
    internal void MarkPaid(EthereumAddress sender) => _empty.TryRemove(sender, out _);

    /// <summary>Whether a sender could not pay for its last transaction, so that it is unavailable.</summary>
    internal bool IsEmpty(EthereumAddress sender) =>
        _empty.TryGetValue(sender, out var empty) && time.GetElapsedTime(empty.Since) < empty.Pause;

    /// <summary>
    /// The senders that are unavailable. One that was empty is used again when its balance has risen, and once after each pause of
    /// up to 5 minutes.
    /// </summary>
    internal IReadOnlyCollection<EthereumAddress> Unavailable()
    {
        List<EthereumAddress> unavailable = [];
        lock (_gate)
        {
            foreach (var sender in senders.All)
            {
                var isStuck = sender.Transactions.OldestAge > options.StuckAfter;
                var isUnavailable = isStuck || IsEmpty(sender.Address);
                if (isUnavailable) unavailable.Add(sender.Address);
                if (isUnavailable && _reported.Add(sender.Address))
                    LogUnavailable(logger, sender.Address, isStuck ? "stuck" : "without gas");
                else if (!isUnavailable && _reported.Remove(sender.Address)) LogAvailable(logger, sender.Address);
            }
        }

        return unavailable;
    }

    /// <summary>Reads the balances of the senders that were empty.</summary>
    internal async Task ReadAsync(CancellationToken cancellationToken)
    {
        foreach (var (sender, empty) in _empty)
        {
            var read = await chain.Rpc.GetBalanceAsync(sender, BlockTag.Latest, cancellationToken).ConfigureAwait(false);
            if (!read.TryGet(out var balance, out _)) continue;
            var found = new KeyValuePair<EthereumAddress, Empty>(sender, empty);
            if (empty.Balance is { } before && balance.Amount > before.Amount) _empty.TryRemove(found);
            else _empty.TryUpdate(sender, empty with { Balance = balance }, empty);
        }
    }

    [LoggerMessage(
        EventId = EventIds.SenderUnavailable,
        Level = LogLevel.Warning,
        Message = "the sender {Sender} is {What}: topics with nothing under way there are sent by others meanwhile")]
    private static partial void LogUnavailable(ILogger logger, EthereumAddress sender, string what);

    [LoggerMessage(EventId = EventIds.SenderAvailable, Level = LogLevel.Information, Message = "the sender {Sender} is available again")]
    private static partial void LogAvailable(ILogger logger, EthereumAddress sender);

    private sealed record Empty(long Since, TimeSpan Pause, Wei? Balance);
}
