using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Estimates;

/// <summary>The envelopes of one kind in a month.</summary>
/// <param name="Kind">Such as <c>messages</c>.</param>
/// <param name="IsGas">Whether it is paid as gas on the App Chain, else as fees of nodes.</param>
/// <param name="Count">How many.</param>
/// <param name="Each">The price of one without congestion.</param>
/// <param name="EachCongested">The price of one at full congestion; gas has none.</param>
internal sealed record KindEstimate(string Kind, bool IsGas, long Count, Picodollars Each, Picodollars EachCongested)
{
    internal Picodollars Month => new(Each.Value * Count);

    internal Picodollars MonthCongested => new(EachCongested.Value * Count);
}

/// <summary>A month of 30 days, and limits and budgets that fit it.</summary>
internal sealed class MonthEstimate
{
    internal const int Days = 30;

    private const int FullCongestion = 100;
    private const int MinutesPerDay = 1_440;
    private const int Headroom = 10;
    private const int MonthHeadroom = 2;
    private const int GasWeight = 10;
    private const int MinPerHour = 100;
    private const uint AnyNodeId = 200;
    private const int MaxAmount = 10_000_000;
    private const decimal MaxBudget = 4_000_000;

    private readonly EstimateArguments _app;

    private MonthEstimate(EstimateArguments app, Rates rates, IReadOnlyList<KindEstimate> kinds)
    {
        _app = app;
        Rates = rates;
        Kinds = kinds;
    }

    /// <summary>The rates in force.</summary>
    internal Rates Rates { get; }

    /// <summary>Each kind, those for nodes first.</summary>
    internal IReadOnlyList<KindEstimate> Kinds { get; }

    /// <summary>The messages a minute over the whole month, for all nodes together.</summary>
    internal long MessagesPerMinute => Kinds.Where(kind => !kind.IsGas).Sum(kind => kind.Count) / (Days * MinutesPerDay);

    /// <summary>The value of <c>--limits</c>: a day's envelopes of a user in an hour, and ten times the average of all.</summary>
    internal string Limits
    {
        get
        {
            var welcomes = Math.Max(0, _app["group-size"] - 1) * _app["installations"];
            var user = Math.Max(MinPerHour, _app["messages"] + welcomes + (GasWeight * (_app["commits"] + 1)));
            var all = Math.Max(MinPerHour, (Kinds.Sum(kind => kind.Count) / (Days * MinutesPerDay) * Headroom) + Headroom);
            return $"{Math.Min(MaxAmount, user)}/1h app-chain={GasWeight}, {Math.Min(MaxAmount, all)}/1m gateway";
        }
    }

    /// <summary>
    /// The value of <c>--budgets</c>: ten times a user's average day, and twice the month, both at full congestion.
    /// </summary>
    internal string Budgets
    {
        get
        {
            var month = Total(congested: true);
            var user = new Picodollars(month.Value * Headroom / Days / _app["users"]);
            return $"{Cents(user)}/day, {Cents(new Picodollars(month.Value * MonthHeadroom))}/month gateway";
        }
    }

    /// <summary>All kinds together.</summary>
    internal Picodollars Total(bool congested, bool? gas = null) => Kinds
        .Where(kind => gas is null || kind.IsGas == gas)
        .Aggregate(Picodollars.Zero, (sum, kind) => sum + (congested ? kind.MonthCongested : kind.Month));

    /// <summary>Estimates a month.</summary>
    /// <param name="app">The app's figures.</param>
    /// <param name="rates">The rates of nodes.</param>
    /// <param name="gas">The price of an envelope on the App Chain, by its size in bytes.</param>
    internal static MonthEstimate Of(EstimateArguments app, Rates rates, Func<int, Picodollars> gas)
    {
        KindEstimate Node(string kind, long count, string size)
        {
            var each = new Picodollars(EnvelopeCosts.BaseFee(rates, PayerEnvelopeWriter.PayerEnvelopeSize(AnyNodeId, (int)app[size])));
            return new(kind, false, count, each, new Picodollars(each.Value + ((Int128)rates.CongestionFee * FullCongestion)));
        }

        KindEstimate Gas(string kind, long count, string size)
        {
            var each = gas((int)app[size]);
            return new(kind, true, count, each, each);
        }

        var welcomes = app["groups"] * Math.Max(0, app["group-size"] - 1) * app["installations"];
        var registered = app["new-users"] * app["installations"];
        return new MonthEstimate(app, rates, [
            Node("messages", app["users"] * app["messages"] * Days, "size"),
            Node("welcomes", welcomes, "welcome-size"),
            Node("key packages", registered, "key-package-size"),
            Gas("commits", app["groups"] * app["commits"], "commit-size"),
            Gas("identity updates", registered, "identity-size"),
        ]);
    }

    // Rounded up to a cent, within the bounds of a budget.
    private static string Cents(Picodollars amount)
    {
        var dollars = Math.Clamp(Math.Ceiling(amount.ToDollars() * 100) / 100, 0.01m, MaxBudget);
        return dollars.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);
    }
}
