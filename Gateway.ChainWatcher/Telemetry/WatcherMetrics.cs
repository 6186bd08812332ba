using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.ChainWatcher.Hosting;

namespace Xmtp.Gateway.ChainWatcher.Telemetry;

/// <summary>
/// The figures as metrics, under the names that dashboards expect. Only the leader has figures, so sums over all
/// watchers are right; and it has them once it has read everything: <see cref="ChainWatch.Measured"/>.
/// </summary>
/// <remarks>
/// Everything is read from the figures at each scrape: a rollback lowers the values (for Prometheus, a counter reset),
/// and a replay gives the same values. Ages are by the clock: they grow when the chain stops. The three counters of
/// settlements become one histogram in a scrape: <see cref="SettlementHistogram"/>.
/// </remarks>
internal sealed class WatcherMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "Xmtp.Gateway.ChainWatcher";

    private readonly WatcherService _watcher;
    private readonly TimeProvider _time;
    private readonly TimeSpan _cycle;
    private readonly TimeSpan _window;

    public WatcherMetrics(IMeterFactory meters, WatcherService watcher, IOptions<WatcherOptions> options, TimeProvider time)
    {
        _watcher = watcher;
        _time = time;
        _cycle = options.Value.ReportCycle;
        _window = options.Value.ActiveOriginatorWindow;
        var meter = meters.Create(new MeterOptions(Name) { Scope = meters });
        AddReports(meter);
        AddMoney(meter);
        AddEvents(meter);
        FollowingMetrics.Add(meter, watcher);
    }

    private void AddReports(Meter meter)
    {
        Counter(meter, "xmtp_chain_report_submitted_total", "Payer reports submitted", originator => originator.Submitted);
        Counter(meter, "xmtp_chain_report_settled_total", "Payer reports settled to the last payer", originator => originator.Settled);
        Counter(meter, "xmtp_chain_envelope_range_total", "Envelopes that payer reports cover", originator => (long)originator.Envelopes);
        Gauge(
            meter,
            "xmtp_chain_envelope_range_gap",
            "Sequence ids between the last report and the one before; above 0 something is missing",
            originator => (long)originator.Gap);
        Gauge(meter, "xmtp_chain_attesting_node_count", "Nodes that attested the last report", originator => originator.Attesting);
        meter.CreateObservableGauge(
            "xmtp_chain_active_originator_nodes",
            () => OfSettlement((figures, _) => One(figures.Originators.Values.Count(IsActive))),
            description: "Originators that submitted a report within the window");
        meter.CreateObservableGauge(
            "xmtp_chain_time_since_last_submission_seconds",
            () => OfSettlement((figures, _) => figures.LastSubmission is { } last ? One(SecondsSince(last)) : []),
            description: "Since the time of the last report's block, by the watcher's clock");
        meter.CreateObservableCounter(
            SettlementHistogram.Name + "_bucket",
            () => OfSettlement((figures, _) => figures.Originators.SelectMany(Buckets)),
            description: SettlementHistogram.Help);
        Counter(meter, SettlementHistogram.Name + "_sum", "Their sum", originator => (long)originator.SettlementSecondsSum);
        Counter(meter, SettlementHistogram.Name + "_count", "Their number", originator => originator.SettlementSeconds.Sum());
        meter.CreateObservableGauge(
            "xmtp_chain_stuck_reports",
            () => OfSettlement(
                (figures, head) => figures.Originators.Select(
                    entry => With(StuckReports.Of(entry.Value, head, _cycle).Count(), entry.Key))),
            description: "Reports that wait for settlement for more than two cycles");
    }

    private void AddMoney(Meter meter)
    {
        meter.CreateObservableCounter(
            "xmtp_chain_fees_settled_picodollars",
            () => OfSettlement(
                (figures, _) => figures.Originators.Select(entry => With((double)(entry.Value.FeesSettled * 1_000_000), entry.Key))),
            description: "What reports charged");
        meter.CreateObservableCounter(
            "xmtp_chain_usage_settled_total", () => OfSettlement((figures, _) => One(figures.Charges)), description: "Charges of payers");
        Own(meter, "xmtp_chain_payer_deposited_microdollars", "Deposits of the payer", own => own.Deposited);
        Own(meter, "xmtp_chain_payer_used_microdollars", "Charges to the payer", own => own.Used);
        Own(meter, "xmtp_chain_payer_withdrawing_microdollars", "Withdrawals of the payer", own => own.Withdrawing);
        Own(meter, "xmtp_chain_payer_balance_microdollars", "Balance of the payer by these events; below zero is debt", own => own.Balance);
        Own(meter, "xmtp_chain_payer_debt_microdollars", "Debt of the payer", own => own.Debt);
    }

    private void AddEvents(Meter meter)
    {
        meter.CreateObservableCounter(
            "xmtp_chain_events_processed_total",
            () => OfAll(
                (_, figures) => figures.Events.Select(
                    entry => new Measurement<long>(entry.Value, new KeyValuePair<string, object?>("event_type", entry.Key)))),
            description: "Events by type");
        meter.CreateObservableCounter(
            "xmtp_chain_event_faults_total",
            () => OfAll((watch, figures) => [FollowingMetrics.With(figures.Faults, watch)]),
            description: "Events that could not be read, or had no time");
    }

    private void Counter(Meter meter, string name, string description, Func<OriginatorFigures, long> value) =>
        meter.CreateObservableCounter(
            name,
            () => OfSettlement((figures, _) => figures.Originators.Select(entry => With(value(entry.Value), entry.Key))),
            description: description);

    private void Gauge(Meter meter, string name, string description, Func<OriginatorFigures, long> value) =>
        meter.CreateObservableGauge(
            name,
            () => OfSettlement((figures, _) => figures.Originators.Select(entry => With(value(entry.Value), entry.Key))),
            description: description);

    private void Own(Meter meter, string name, string description, Func<PayerFigures, Int128> value) =>
        meter.CreateObservableGauge(name, () => OfSettlement((figures, _) => One((double)value(figures.Payer))), description: description);

    private List<Measurement<T>> OfSettlement<T>(Func<ChainFigures, ulong, IEnumerable<Measurement<T>>> read)
        where T : struct => _watcher.Watches[^1].Measured?.Read((figures, head) => read(figures, head).ToList()) ?? [];

    private List<Measurement<long>> OfAll(Func<ChainWatch, ChainFigures, IEnumerable<Measurement<long>>> read) =>
        [.. _watcher.Watches.SelectMany(watch => watch.Measured?.Read((figures, _) => read(watch, figures).ToList()) ?? [])];

    private bool IsActive(OriginatorFigures originator) =>
        originator.LastSubmission is { } last && SecondsSince(last) < _window.TotalSeconds;

    private double SecondsSince(ulong unixTime) => Math.Max(0, (_time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0) - unixTime);

    private static IEnumerable<Measurement<long>> Buckets(KeyValuePair<uint, OriginatorFigures> entry) =>
        SettlementHistogram.Buckets(entry.Value.SettlementSeconds).Select(
            bucket => new Measurement<long>(bucket.Count, Originator(entry.Key), new KeyValuePair<string, object?>("le", bucket.Bound)));

    private static Measurement<T>[] One<T>(T value)
        where T : struct => [new Measurement<T>(value)];

    private static Measurement<T> With<T>(T value, uint originator)
        where T : struct => new(value, Originator(originator));

    private static KeyValuePair<string, object?> Originator(uint id) => new("originator_id", id.ToString(CultureInfo.InvariantCulture));
}
