using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The limits of the options, each with a unique name in the store.</summary>
internal static class UsageLimits
{
    /// <summary>Creates them, in order: rates, then budgets.</summary>
    public static IReadOnlyList<UsageLimit> Of(LimitsOptions options)
    {
        List<UsageLimit> limits = [];
        foreach (var rate in options.Rates)
        {
            limits.Add(
                new TokenBucket(rate, limits.Count(limit => limit.Id.StartsWith(TokenBucket.RuleOf(rate), StringComparison.Ordinal))));
        }
        foreach (var budget in options.Budgets)
        {
            limits.Add(
                new SpendCounter(
                    budget, limits.Count(limit => limit.Id.StartsWith(SpendCounter.RuleOf(budget), StringComparison.Ordinal))));
        }
        return limits;
    }
}

/// <summary>The limits of options whose value may be replaced by another one while the gateway runs. Thread-safe.</summary>
internal sealed class CurrentLimits(IOptions<LimitsOptions> options)
{
    private readonly Derived<LimitsOptions, UsageLimit[]> _all = new(() => options.Value, now => [.. UsageLimits.Of(now)]);

    /// <summary>The limits in force.</summary>
    internal UsageLimit[] All => _all.Value;

    /// <summary>The budgets among them.</summary>
    internal IEnumerable<SpendCounter> Budgets => All.OfType<SpendCounter>();
}
