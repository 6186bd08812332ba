using Microsoft.Extensions.Options;

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
    private volatile Made? _made;

    /// <summary>The limits in force.</summary>
    internal UsageLimit[] All
    {
        get
        {
            var value = options.Value;
            if (_made is { } made && ReferenceEquals(made.For, value)) return made.Limits;
            return (_made = new Made(value, [.. UsageLimits.Of(value)])).Limits;
        }
    }

    /// <summary>The budgets among them.</summary>
    internal IEnumerable<SpendCounter> Budgets => All.OfType<SpendCounter>();

    private sealed record Made(LimitsOptions For, UsageLimit[] Limits);
}
