using System.Collections.Concurrent;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The nodes' view of the settlement chain: the rates in force, and the balances of payers.</summary>
/// <remarks>
/// Values are cached for 1 s. A balance that is too small is read again before the payer is refused, so that a deposit
/// counts at once. All nodes share one instance: usage at one node counts at all.
/// </remarks>
public sealed class ChainFacts(RateRegistryContract rateRegistry, PayerRegistryContract payerRegistry, TimeProvider time) : IPayerLedger
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
        var balance = (await payerRegistry.GetBalanceAsync(payer, cancellationToken)).OrThrow();
        lock (_gate)
        {
            account.Balance = balance.Value * PicodollarsInMicrodollar;
            account.ReadAt = time.GetTimestamp();
        }
        return TryUse(account, fees);
    }

    private const long PicodollarsInMicrodollar = 1_000_000;

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

        public long? ReadAt { get; set; }
    }
}
