using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The settings of how much may be published, and for how much money.</summary>
internal sealed class LimitSettings : SettingGroup<LimitsOptions>
{
    private static readonly SettingType<IReadOnlyList<RateLimit>> Rates = new(
        "limits",
        "limits separated by commas, such as stock, 50/1m, or 5000/1h gateway burst=500 app-chain=10; amounts to 10,000,000, periods to " +
        "168h",
        LimitSyntax.TryReadRates, text => $"\"{text}\"");

    private static readonly SettingType<IReadOnlyList<Budget>> Budgets = new(
        "budgets", "budgets in dollars separated by commas, such as 0.50/day, or 500/month gateway; at most 4,000,000",
        LimitSyntax.TryReadBudgets, text => $"\"{text}\"");

    private static readonly SettingType<long> Bytes =
        new("bytes", "a number of bytes such as 268435456 or 256MiB", ByteCount.TryParse, text => $"\"{text}\"");

    /// <summary>Creates the settings.</summary>
    public LimitSettings()
        : base("Limits and budgets", "Xmtp:Limits")
    {
        Add("limits", "XMTPD_LIMITS", "Rates", Rates, (o, v) => AddAll(o.Rates, v), null,
            "rate limits of each client, or of the whole gateway; all of them hold");
        Add("budgets", "XMTPD_BUDGETS", "Budgets", Budgets, (o, v) => AddAll(o.Budgets, v), null,
            "dollars that each client, or the whole gateway, may spend a day or a month (UTC)");
        Add("limits.when-store-unavailable", "XMTPD_LIMITS_WHEN_STORE_UNAVAILABLE", "WhenStoreUnavailable",
            SettingTypes.OneOf("closed", "open", "local"),
            (o, v) => o.WhenStoreUnavailable = Enum.Parse<StoreUnavailablePolicy>(v, ignoreCase: true), "closed",
            "while Redis is unavailable: refuse, publish uncounted, or let each replica count for itself");
        Add(
            "limits.store-timeout",
            "XMTPD_LIMITS_STORE_TIMEOUT",
            "StoreTimeout",
            SettingTypes.PositiveDuration,
            (o, v) => o.StoreTimeout = v,
            "2s",
            "how long a publish waits for Redis before that decides; what goes to the App Chain is UNAVAILABLE then");
        Add(
            "limits.gateway-portion",
            "XMTPD_LIMITS_GATEWAY_PORTION",
            "GatewayPortion",
            SettingTypes.Count,
            (o, v) => o.GatewayPortion = v,
            "0",
            "percent of a limit or budget of the whole gateway that a replica takes from Redis at once and uses alone, at most 50; " +
            "0 takes for each publish");
        Add(
            "limits.repeated-calls",
            "XMTPD_LIMITS_REPEATED_CALLS",
            "RepeatedCalls",
            SettingTypes.Count,
            (o, v) => o.RepeatedCalls = v,
            "10000",
            "calls of one client a minute that repeat envelopes at a replica, which no other limit counts; 0 for no bound");
        Add("limits.repeated-bytes", "XMTPD_LIMITS_REPEATED_BYTES", "RepeatedBytes", Bytes, (o, v) => o.RepeatedBytes = v, "1GiB",
            "bytes of envelopes in these calls, of one client a minute; 0 for no bound");
    }

    /// <inheritdoc/>
    protected override void Check(LimitsOptions options, ICollection<string> faults)
    {
        if (options.Rates.Any(rate => !rate.IsInBounds))
        {
            faults.Add(
                $"--limits (XMTPD_LIMITS): a limit is out of bounds; expected amounts and bursts of 1 to {RateLimit.MaxAmount}, " +
                $"periods of 1ms to 168h, weights of 0 to {LimitWeights.Max}");
        }
        if (options.Budgets.Any(budget => !budget.IsInBounds))
            faults.Add("--budgets (XMTPD_BUDGETS): a budget is out of bounds; expected more than 0 and at most 4,000,000 dollars");
        if (options.StoreTimeout <= TimeSpan.Zero)
            faults.Add("--limits.store-timeout (XMTPD_LIMITS_STORE_TIMEOUT): expected more than 0");
        if (options.GatewayPortion is < 0 or > LimitsOptions.MaxGatewayPortion)
            faults.Add("--limits.gateway-portion (XMTPD_LIMITS_GATEWAY_PORTION): expected 0 to 50");
        if (options.RepeatedCalls < 0)
            faults.Add("--limits.repeated-calls (XMTPD_LIMITS_REPEATED_CALLS): expected at least 0");
        if (options.RepeatedBytes < 0)
            faults.Add("--limits.repeated-bytes (XMTPD_LIMITS_REPEATED_BYTES): expected at least 0");
    }

    private static void AddAll<T>(IList<T> list, IReadOnlyList<T> items)
    {
        foreach (var item in items) list.Add(item);
    }
}
