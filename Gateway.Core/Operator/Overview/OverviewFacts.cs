using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Operator.Chains;
using Xmtp.Gateway.Operator.Lately;
using Xmtp.Gateway.Operator.Replicas;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>All that an overview is made of, read at one moment.</summary>
internal sealed record OverviewFacts
{
    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The replicas' reports, this one's first.</summary>
    public required IReadOnlyList<ReplicaReport> Replicas { get; init; }

    /// <summary>Whether Redis answered; true without one.</summary>
    public bool IsStoreAnswering { get; init; } = true;

    /// <summary>The payer's balance; null while it is not known.</summary>
    public FundState? Payer { get; init; }

    /// <summary>The gas; null while it is not known.</summary>
    public FundState? Gas { get; init; }

    /// <summary>Both funds by hour, oldest first; null when the store did not answer.</summary>
    public IReadOnlyList<FundsMoment>? FundsHistory { get; init; }

    /// <summary>Whether spending is paused.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Whether the rates have a contract and are not known.</summary>
    public bool LacksRates { get; init; }

    /// <summary>The budgets of the whole gateway, with their use.</summary>
    public IReadOnlyList<BudgetUse> Budgets { get; init; } = [];

    /// <summary>What identities used today; null when the store did not answer.</summary>
    public IReadOnlyList<IdentityUse>? Identities { get; init; }

    /// <summary>The sums of the days; null when the store did not answer.</summary>
    public IReadOnlyDictionary<DateOnly, UsageFigures>? Days { get; init; }

    /// <summary>What the watcher tells; null without one.</summary>
    public WatcherNews? News { get; init; }

    /// <summary>The App Chain's newest block at its provider; null before it was read.</summary>
    public ChainHead? AppHead { get; init; }

    /// <summary>The settlement chain's newest block at its provider; null before it was read.</summary>
    public ChainHead? SettlementHead { get; init; }
}

/// <summary>How much of a budget is used.</summary>
/// <param name="Name">Its name in refusals.</param>
/// <param name="Used">Dollars, as text.</param>
/// <param name="Percent">Of its amount, at most 100.</param>
internal sealed record BudgetUse(string Name, string Used, int Percent);

/// <summary>What one identity used today.</summary>
/// <param name="Name">Its kind and hash.</param>
/// <param name="Figures">What it used.</param>
/// <param name="Budget">The budget of which it used most; null when there is none, or it is not known.</param>
internal sealed record IdentityUse(string Name, UsageFigures Figures, BudgetUse? Budget);
