using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>
/// All rates of the registry: past, current and announced. Immutable; in force are the last rates whose start is not in
/// the future.
/// </summary>
internal sealed class RateSchedule(IReadOnlyList<Rates> rates)
{
    internal static RateSchedule Empty { get; } = new([]);

    /// <summary>The rates in the registry's order, oldest first.</summary>
    internal IReadOnlyList<Rates> All => rates;

    /// <summary>The rates in force at a time; null when there were none yet.</summary>
    internal Rates? InForce(DateTimeOffset moment)
    {
        for (var i = rates.Count - 1; i >= 0; i--)
            if (HasBegun(rates[i], moment)) return rates[i];
        return null;
    }

    /// <summary>The first announced rates that are not yet in force; null when there are none.</summary>
    internal Rates? Next(DateTimeOffset moment)
    {
        // Called for each publish: no closure.
        foreach (var rate in rates)
            if (!HasBegun(rate, moment))
                return rate;
        return null;
    }

    private static bool HasBegun(Rates rate, DateTimeOffset moment) =>
        moment.ToUnixTimeSeconds() is >= 0 and var now && rate.StartTime <= (ulong)now;
}
