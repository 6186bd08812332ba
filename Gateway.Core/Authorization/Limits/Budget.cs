using Xmtp.Gateway.Costs;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// A budget per calendar day or month (UTC): charged by estimate before a publish, corrected by what was settled.
/// </summary>
/// <param name="Amount">At least 1, at most <see cref="MaxAmount"/>.</param>
/// <param name="Per">The period after which it starts again.</param>
/// <remarks>
/// While no rates are known, envelopes for nodes cannot be charged and are refused as UNAVAILABLE, reason
/// <c>RATES_UNKNOWN</c>.
/// </remarks>
public sealed record Budget(Picodollars Amount, BudgetPeriod Per)
{
    /// <summary>The max amount: four million dollars, so that sums stay within 64 bits.</summary>
    public static readonly Picodollars MaxAmount = new(4_000_000_000_000_000_000);

    /// <summary>Which publishes count together; default those of each client.</summary>
    public LimitScope Scope { get; init; }

    internal bool IsInBounds => Amount.Value >= 1 && Amount.Value <= MaxAmount.Value && Enum.IsDefined(Per);
}

/// <summary>When a budget starts again, by the store's clock in UTC.</summary>
public enum BudgetPeriod
{
    /// <summary>At midnight.</summary>
    Day,

    /// <summary>At midnight before the first of a month.</summary>
    Month,
}
