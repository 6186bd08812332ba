using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Costs.Spending;

/// <summary>
/// The spend of this gateway since it started, node fees as signed by nodes and gas by estimate: in total, by hour,
/// and by identity and day (UTC).
/// </summary>
/// <remarks>
/// In memory and bounded: <see cref="KeptDays"/> days, the <see cref="KeptIdentities"/> identities per day that spent
/// the most, and up to twice as many for the current day; further ones share an entry. Envelopes that were answered
/// with an earlier result are not counted. Thread-safe.
/// </remarks>
internal sealed class SpendLedger(TimeProvider time, UsageCounter? usage = null)
{
    internal const int KeptDays = 90;
    internal const int KeptIdentities = 1_000;
    internal const int KeptHours = 24;

    private readonly Lock _gate = new();
    private readonly LinkedList<SpendDay> _days = [];
    private readonly LinkedList<(long Hour, Spend Spend)> _hours = [];
    private readonly Spend _total = new();

    /// <summary>When counting started.</summary>
    internal DateTimeOffset Since { get; } = time.GetUtcNow();

    /// <summary>The total since then.</summary>
    internal SpendFigures Total
    {
        get
        {
            lock (_gate) return _total.Figures;
        }
    }

    /// <summary>Counts the spend of a publish.</summary>
    /// <param name="identity">The caller.</param>
    /// <param name="spend">The cost.</param>
    internal void Record(ClientIdentity identity, SpendFigures spend)
    {
        var now = time.GetUtcNow();
        usage?.Published(now, identity, spend);
        lock (_gate)
        {
            _total.Add(spend);
            Hour(HourOf(now)).Add(spend);
            var day = DateOnly.FromDateTime(now.UtcDateTime);
            if (_days.First is null || _days.First.Value.Day < day)
            {
                _days.First?.Value.KeepTopSpenders();
                _days.AddFirst(new SpendDay(day));
            }

            while (_days.Count > KeptDays) _days.RemoveLast();
            _days.First!.Value.Add(identity, spend);
        }
    }

    /// <summary>The spend of the last 24 hours, by whole hours, and the period that it covers: at most 24 hours.</summary>
    internal (SpendFigures Spent, TimeSpan Watched) LastDay()
    {
        var now = time.GetUtcNow();
        var watched = now - Since < TimeSpan.FromHours(KeptHours) ? now - Since : TimeSpan.FromHours(KeptHours);
        lock (_gate)
        {
            var from = HourOf(now) - KeptHours;
            return (_hours.Where(hour => hour.Hour > from)
                .Aggregate(default(SpendFigures), (sum, hour) => sum.And(hour.Spend.Figures)), watched);
        }
    }

    /// <summary>The days, newest first, each with its identities by descending spend.</summary>
    internal IReadOnlyList<(DateOnly Day,
        SpendFigures Total,
        IReadOnlyList<(ClientIdentity Identity, SpendFigures Spend)> Identities)> Days(
        int identities)
    {
        lock (_gate) return [.. _days.Select(day => (day.Day, day.Total.Figures, day.Highest(identities)))];
    }

    private Spend Hour(long hour)
    {
        if (_hours.First is null || _hours.First.Value.Hour < hour) _hours.AddFirst((hour, new Spend()));
        while (_hours.Count > KeptHours) _hours.RemoveLast();
        return _hours.First!.Value.Spend;
    }

    private static long HourOf(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / 3600;
}

/// <summary>An amount of spend.</summary>
/// <param name="Messages">The number of published messages.</param>
/// <param name="Fees">Node fees.</param>
/// <param name="GasPrice">Gas by estimate, at the configured price of its coin.</param>
/// <param name="Gas">The same gas in its own unit.</param>
internal readonly record struct SpendFigures(long Messages, Picodollars Fees, Picodollars GasPrice, Wei Gas)
{
    internal Picodollars Total => Fees + GasPrice;

    internal SpendFigures And(SpendFigures more) =>
        new(Messages + more.Messages, Fees + more.Fees, GasPrice + more.GasPrice, Gas + more.Gas);
}

/// <summary>A sum that grows; its owner locks.</summary>
internal sealed class Spend
{
    internal SpendFigures Figures { get; private set; }

    internal void Add(SpendFigures more) => Figures = Figures.And(more);
}
