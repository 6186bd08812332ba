using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The nodes' view of the settlement chain: the rates in force, and the balances of payers.</summary>
/// <remarks>
/// Values are cached for 1 s. A balance that is too small is read again before the payer is refused, so that a deposit
/// counts at once. All nodes share one instance: usage at one node counts at all, until a report settles it.
/// </remarks>
public sealed class ChainFacts(
    EthereumRpc rpc, RateRegistryContract rateRegistry, PayerRegistryContract payerRegistry, TimeProvider time) : IPayerLedger
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<EthereumAddress, Account> _accounts = new();
    private readonly Lock _gate = new();
    private (NodeRates Rates, long At)? _lastRates;

    /// <summary>The last rates whose start time is not in the future; free when there are none.</summary>
    /// <exception cref="Xmtp.Gateway.Chain.JsonRpc.RpcException">The chain does not respond.</exception>
    public async ValueTask<NodeRates> GetRatesAsync(CancellationToken cancellationToken)
    {
        if (_lastRates is { } last && IsFresh(last.At)) return last.Rates;
        var count = (await rateRegistry.GetRatesCountAsync(cancellationToken)).OrThrow();
        var rates = NodeRates.Free;
        if (count > 0)
        {
            var now = (ulong)time.GetUtcNow().ToUnixTimeSeconds();
            var all = (await rateRegistry.GetRatesAsync(0, count, cancellationToken)).OrThrow();
            if (all.LastOrDefault(entry => entry.StartTime <= now) is { } inForce)
                rates = new NodeRates(inForce.MessageFee, inForce.StorageFee, inForce.CongestionFee, inForce.TargetRatePerMinute);
        }

        _lastRates = (rates, time.GetTimestamp());
        return rates;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryUseAsync(EthereumAddress payer, ulong fees, CancellationToken cancellationToken)
    {
        var account = _accounts.GetOrAdd(payer, static _ => new Account());
        if (account.ReadAt is { } readAt && IsFresh(readAt) && TryUse(account, fees)) return true;
        // What is settled between the two reads lowers the balance and still counts as used until the next read.
        ulong? after;
        lock (_gate) after = account.Head;
        var (settled, head) = await ReadSettledAsync(payer, after, cancellationToken);
        var balance = (await payerRegistry.GetBalanceAsync(payer, cancellationToken)).OrThrow();
        lock (_gate)
        {
            // Another call may have read the same blocks meanwhile.
            if (account.Head == after)
            {
                account.Used = Int128.Max(0, account.Used - settled);
                account.Head = head;
            }

            account.Balance = balance.Value * PicodollarsInMicrodollar;
            account.ReadAt = time.GetTimestamp();
        }
        return TryUse(account, fees);
    }

    private const long PicodollarsInMicrodollar = 1_000_000;

    // What reports charged to a payer after a block, in picodollars, and the newest block.
    private async ValueTask<(Int128 Settled, ulong Head)> ReadSettledAsync(
        EthereumAddress payer, ulong? after, CancellationToken cancellationToken)
    {
        var head = (await rpc.GetBlockAsync(BlockTag.Latest, cancellationToken)).OrThrow()!.Number;
        if (after is not { } last || last >= head) return (0, head);
        var filter = new LogFilter
        {
            Addresses = [payerRegistry.Address],
            Topics = [[PayerRegistryEvents.UsageSettledTopic], null, [PayerRegistryEvents.PayerTopic(payer)]],
        };
        Int128 settled = 0;
        foreach (var log in (await rpc.GetLogsAsync(filter.Between(last + 1, head), cancellationToken)).OrThrow())
            if (PayerRegistryEvents.TryReadUsageSettled(log, out var charge)) settled += charge.Amount.Value * PicodollarsInMicrodollar;
        return (settled, head);
    }

    private bool IsFresh(long at) => time.GetElapsedTime(at) < Fresh;

    private bool TryUse(Account account, ulong fees)
    {
        lock (_gate)
        {
            var available = account.Balance - account.Used;
            if (available <= 0 || available < fees) return false;
            account.Used += fees;
            return true;
        }
    }

    private sealed class Account
    {
        public Int128 Balance { get; set; }

        public Int128 Used { get; set; }

        /// <summary>The block up to which settlements are subtracted from <see cref="Used"/>; null before the first use.</summary>
        public ulong? Head { get; set; }

        public long? ReadAt { get; set; }
    }
}
