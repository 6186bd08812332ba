namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>What one publish takes from one meter.</summary>
/// <param name="Meter">The meter's rule.</param>
/// <param name="Key">The meter: the rule and whose it is.</param>
/// <param name="Cost">How much, from 1 to the meter's capacity.</param>
internal readonly record struct MeterCharge(Meter Meter, string Key, long Cost);

/// <summary>What a store said to the charges of a publish.</summary>
/// <param name="Verdict">Taken from all meters, from none, or nobody knows.</param>
/// <param name="Index">The charge that has to wait longest.</param>
/// <param name="Wait">Until when that one would fit, if nobody else takes from it.</param>
internal readonly record struct MeterAnswer(MeterVerdict Verdict, int Index = 0, TimeSpan Wait = default)
{
    /// <summary>Nothing was counted, and the publish may go on.</summary>
    internal static readonly MeterAnswer Uncounted = new(MeterVerdict.Taken);

    internal static readonly MeterAnswer Away = new(MeterVerdict.Away);

    /// <summary>The store that took the charges, and to which they are given back; null where none did.</summary>
    internal IMeterStore? By { get; private init; }

    /// <summary>When they were taken, in Unix milliseconds of that store's clock.</summary>
    internal long At { get; private init; }

    internal static MeterAnswer Taken(IMeterStore by, long at) => new(MeterVerdict.Taken) { By = by, At = at };
}

/// <summary>See <see cref="MeterAnswer"/>.</summary>
internal enum MeterVerdict
{
    /// <summary>Every charge fitted and was taken.</summary>
    Taken,

    /// <summary>One did not fit, and none was taken.</summary>
    Over,

    /// <summary>The store did not answer. It may still have taken all.</summary>
    Away,
}
