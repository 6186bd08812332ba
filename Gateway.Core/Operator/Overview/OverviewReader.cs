using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Operator.Chains;
using Xmtp.Gateway.Operator.Lately;
using Xmtp.Gateway.Operator.Replicas;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Reads the facts of an overview, at most once a second, however many look at the page.</summary>
/// <remarks>What Redis does not answer within a second is missing from the facts.</remarks>
internal sealed class OverviewReader(
    ReplicaBoard replicas,
    FundsState funds,
    IFundsHistory history,
    SpendingGuard guard,
    RateCache rates,
    CostChainClients chains,
    IUsageStore usage,
    UsageWriter writer,
    BudgetReader budgets,
    WatcherReader watcher,
    ChainHeads heads,
    TimeProvider time)
{
    private const int ShownIdentities = 20;
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<OverviewFacts>? _latest;
    private long _began;

    /// <summary>Reads the facts.</summary>
    internal Task<OverviewFacts> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_latest is null || (_latest.IsCompleted && time.GetElapsedTime(_began) >= MaxAge))
            {
                _began = time.GetTimestamp();
                _latest = Task.Run(ReadAsync, CancellationToken.None);
            }

            return _latest.WaitAsync(cancellationToken);
        }
    }

    private async Task<OverviewFacts> ReadAsync()
    {
        var now = time.GetUtcNow();
        // In memory the sums are as new as the page; in Redis they are up to five seconds old.
        if (usage.Since is not null) await writer.WriteAsync(CancellationToken.None).ConfigureAwait(false);
        var board = replicas.ReadAsync(CancellationToken.None);
        var days = WithinAsync(usage.ReadTotalsAsync(CancellationToken.None).AsTask());
        var hours = WithinAsync(history.ReadAsync(CancellationToken.None).AsTask());
        var whole = WithinAsync(budgets.ReadAsync(CancellationToken.None));
        var identities = WithinAsync(IdentitiesAsync(DateOnly.FromDateTime(now.UtcDateTime)));
        var (reports, isAnswered) = await board.ConfigureAwait(false);
        var news = watcher.Latest();
        var (app, settlement) = heads.Latest();
        return new OverviewFacts
        {
            At = now,
            Replicas = reports,
            IsStoreAnswering = isAnswered && await days.ConfigureAwait(false) is not null,
            Payer = funds.PayerState(),
            Gas = funds.GasState(),
            FundsHistory = await hours.ConfigureAwait(false),
            IsPaused = guard.IsPaused,
            LacksRates = chains.HasRates && rates.InForce(now) is null,
            Budgets = await whole.ConfigureAwait(false) ?? [],
            Identities = await identities.ConfigureAwait(false),
            Days = await days.ConfigureAwait(false),
            News = news,
            AppHead = app,
            SettlementHead = settlement,
        };
    }

    private async Task<IReadOnlyList<IdentityUse>?> IdentitiesAsync(DateOnly day)
    {
        if (await usage.ReadAsync(day, CancellationToken.None).ConfigureAwait(false) is not { } read) return null;
        var top = read.OrderByDescending(one => one.Value.Spent).ThenByDescending(one => one.Value.Refused).Take(ShownIdentities).ToList();
        var used = await budgets.ReadAsync([.. top.Select(one => one.Key)], CancellationToken.None).ConfigureAwait(false);
        return [.. top.Select((one, i) => new IdentityUse(one.Key, one.Value, one.Key == UsageCounter.Others ? null : used?[i]))];
    }

    private async Task<T?> WithinAsync<T>(Task<T?> reading)
        where T : class
    {
        try
        {
            return await reading.WaitAsync(StoreTimeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
