namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The meters of the options, each with a name of its own in the store.</summary>
internal static class Meters
{
    /// <summary>Makes them, in order: rates, then budgets.</summary>
    public static IReadOnlyList<Meter> Of(LimitsOptions options)
    {
        List<Meter> meters = [];
        foreach (var rate in options.Rates) meters.Add(new Bucket(rate, meters.Count(meter => meter.Id.StartsWith(Bucket.RuleOf(rate), StringComparison.Ordinal))));
        foreach (var budget in options.Budgets) meters.Add(new Purse(budget, meters.Count(meter => meter.Id.StartsWith(Purse.RuleOf(budget), StringComparison.Ordinal))));
        return meters;
    }
}
