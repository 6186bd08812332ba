using System.Globalization;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>A limit or a budget as stores count it: a bucket that refills, or a sum per calendar window.</summary>
internal abstract class UsageLimit(string name, LimitScope scope, long capacity)
{
    /// <summary>The name in refusals and metrics, such as <c>50 per 1m for each client</c>.</summary>
    public string Name { get; } = name;

    public LimitScope Scope => scope;

    /// <summary>The capacity: a publish that costs more never fits.</summary>
    public long Capacity => capacity;

    /// <summary>The rule's part of the key. A changed rule starts at zero.</summary>
    public abstract string Id { get; }

    /// <summary>The amount that a publish takes from it.</summary>
    public abstract Int128 CostOf(PublishContext publish);

    protected static string For(LimitScope scope) => scope == LimitScope.EachClient ? "for each client" : "for the whole gateway";

    protected static string Letter(LimitScope scope) => scope == LimitScope.EachClient ? "c" : "g";
}

/// <summary>A bucket that refills <see cref="Refill"/> every <see cref="Period"/>, continuously, up to the capacity.</summary>
internal sealed class TokenBucket(RateLimit limit, int number)
    : UsageLimit(
        $"{limit.Amount.ToString("N0", CultureInfo.InvariantCulture)} per {GoDuration.Format(limit.Per)} {For(limit.Scope)}",
        limit.Scope,
        limit.Burst ?? limit.Amount)
{
    public long Refill => limit.Amount;

    /// <summary>In milliseconds.</summary>
    public long Period { get; } = (long)limit.Per.TotalMilliseconds;

    public override string Id { get; } = RuleOf(limit) + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Equal for limits that differ only in weights; a number after it distinguishes these.</summary>
    public static string RuleOf(RateLimit limit) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"r{Letter(limit.Scope)}:{limit.Amount}/{(long)limit.Per.TotalMilliseconds}/{limit.Burst ?? limit.Amount}/");

    public override Int128 CostOf(PublishContext publish)
    {
        if (limit.Weigh is { } weigh) return Math.Max(0, weigh(publish));
        long cost = 0;
        for (var i = 0; i < publish.Envelopes.Count; i++) cost += limit.Weights.Of(publish.Envelopes[i]);
        return cost;
    }
}

/// <summary>A sum of money that starts at zero each day or month.</summary>
internal sealed class SpendCounter(Budget budget, int number)
    : UsageLimit(
        $"budget of {budget.Amount.ToDollars()} dollars a {budget.Per.ToString().ToLowerInvariant()} {For(budget.Scope)}",
        budget.Scope,
        (long)budget.Amount.Value)
{
    public BudgetPeriod Per => budget.Per;

    public override string Id { get; } = RuleOf(budget) + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Does not contain the amount: a budget whose amount is changed keeps its sum.</summary>
    public static string RuleOf(Budget budget) => $"b{Letter(budget.Scope)}:{(budget.Per == BudgetPeriod.Day ? "d" : "m")}/";

    public override Int128 CostOf(PublishContext publish) => publish.Cost.ForPayerOf(publish.Identity).Total.Value;
}
