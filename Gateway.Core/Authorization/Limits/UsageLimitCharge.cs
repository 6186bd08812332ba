namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The charge of one publish to one limit.</summary>
/// <param name="Limit">The limit's rule.</param>
/// <param name="Key">The key of the limit: the rule and the client.</param>
/// <param name="Cost">The amount, from 1 to the limit's capacity.</param>
internal readonly record struct UsageLimitCharge(UsageLimit Limit, string Key, long Cost);

/// <summary>A store's result for the charges of a publish.</summary>
/// <param name="Outcome">Taken from all limits, from none, or unknown.</param>
/// <param name="Index">The index of the charge that has to wait longest.</param>
/// <param name="Wait">The time until that charge would fit, if nothing else is taken from its limit.</param>
internal readonly record struct UsageLimitResult(UsageLimitOutcome Outcome, int Index = 0, TimeSpan Wait = default)
{
    /// <summary>Nothing was counted, and the publish is allowed.</summary>
    internal static readonly UsageLimitResult Uncounted = new(UsageLimitOutcome.Taken);

    internal static readonly UsageLimitResult Unavailable = new(UsageLimitOutcome.Unavailable);

    /// <summary>The store that took the charges, and that refunds them; null when none did.</summary>
    internal IUsageLimitStore? By { get; private init; }

    /// <summary>When they were taken, in Unix milliseconds of that store's clock.</summary>
    internal long At { get; private init; }

    internal static UsageLimitResult Taken(IUsageLimitStore by, long at) => new(UsageLimitOutcome.Taken) { By = by, At = at };
}

/// <summary>See <see cref="UsageLimitResult"/>.</summary>
internal enum UsageLimitOutcome
{
    /// <summary>Every charge fit and was taken.</summary>
    Taken,

    /// <summary>One did not fit, and none was taken.</summary>
    Over,

    /// <summary>The store did not answer. It may still have taken all of them.</summary>
    Unavailable,
}
