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
