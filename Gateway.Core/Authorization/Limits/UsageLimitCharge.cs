namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>What one publish takes from one limit.</summary>
/// <param name="Limit">The limit's rule.</param>
/// <param name="Key">The limit: the rule and whose it is.</param>
/// <param name="Cost">How much, from 1 to the limit's capacity.</param>
internal readonly record struct UsageLimitCharge(UsageLimit Limit, string Key, long Cost);

/// <summary>What a store said to the charges of a publish.</summary>
/// <param name="Verdict">Taken from all limits, from none, or nobody knows.</param>
/// <param name="Index">The charge that has to wait longest.</param>
/// <param name="Wait">Until when that one would fit, if nobody else takes from it.</param>
internal readonly record struct UsageLimitResult(UsageLimitVerdict Verdict, int Index = 0, TimeSpan Wait = default)
{
    /// <summary>Nothing was counted, and the publish may go on.</summary>
    internal static readonly UsageLimitResult Uncounted = new(UsageLimitVerdict.Taken);

    internal static readonly UsageLimitResult Unavailable = new(UsageLimitVerdict.Unavailable);

    /// <summary>The store that took the charges, and to which they are given back; null where none did.</summary>
    internal IUsageLimitStore? By { get; private init; }

    /// <summary>When they were taken, in Unix milliseconds of that store's clock.</summary>
    internal long At { get; private init; }

    internal static UsageLimitResult Taken(IUsageLimitStore by, long at) => new(UsageLimitVerdict.Taken) { By = by, At = at };
}

/// <summary>See <see cref="UsageLimitResult"/>.</summary>
internal enum UsageLimitVerdict
{
    /// <summary>Every charge fitted and was taken.</summary>
    Taken,

    /// <summary>One did not fit, and none was taken.</summary>
    Over,

    /// <summary>The store did not answer. It may still have taken all.</summary>
    Unavailable,
}
