using System.Diagnostics.Metrics;
using System.Globalization;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.ChainWatcher.Hosting;

namespace Xmtp.Gateway.ChainWatcher.Telemetry;

/// <summary>
/// The figures as metrics, under the names that dashboards expect. Only the leader has figures, so sums over all
/// watchers are right.
/// </summary>
/// <remarks>
/// Everything is read from the figures at each scrape: a rollback lowers the values (for Prometheus, a counter reset),
/// and a replay gives the same values. The histogram is three counters, as Prometheus stores one.
/// </remarks>
internal sealed class WatcherMetrics
{
    /// <summary>The name of the meter.</summary>
    public const string Name = "Xmtp.Gateway.ChainWatcher";

    private readonly WatcherService _watcher;
    private readonly TimeSpan _cycle;

    public WatcherMetrics(IMeterFactory meters, WatcherService watcher, Microsoft.Extensions.Options.IOptions<WatcherOptions> options)
    {
        _watcher = watcher;
        _cycle = options.Value.ReportCycle;
        var meter = meters.Create(new MeterOptions(Name) { Scope = meters });
        AddReports(meter);
        AddMoney(meter);
        AddFollowing(meter);
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
            () => OfSettlement((figures, _) => One(figures.Originators.Count)),
            description: "Originators with reports");
        meter.CreateObservableGauge(
            "xmtp_chain_time_since_last_submission_seconds",
            () => OfSettlement(SinceSubmission),
            description: "From the last report's block to the newest block");
        meter.CreateObservableCounter(
            "xmtp_chain_submission_to_settlement_seconds_bucket",
            () => OfSettlement((figures, _) => figures.Originators.SelectMany(Buckets)),
            description: "From a report's submission to its settlement");
        Counter(meter, "xmtp_chain_submission_to_settlement_seconds_sum", "Their sum", originator => (long)originator.SettlementSecondsSum);
        Counter(
            meter, "xmtp_chain_submission_to_settlement_seconds_count", "Their number", originator => originator.SettlementSeconds.Sum());
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
        Own(meter, "xmtp_chain_payer_deposited_microdollars", "What our payer paid in", own => own.Deposited);
        Own(meter, "xmtp_chain_payer_used_microdollars", "What our payer was charged", own => own.Used);
        Own(meter, "xmtp_chain_payer_withdrawing_microdollars", "What our payer is withdrawing", own => own.Withdrawing);
        Own(meter, "xmtp_chain_payer_balance_microdollars", "What is left by these events; below zero it is owed", own => own.Balance);
        Own(meter, "xmtp_chain_payer_debt_microdollars", "What our payer owes", own => own.Debt);
    }

    private void AddFollowing(Meter meter)
    {
        meter.CreateObservableCounter(
            "xmtp_chain_events_processed_total",
            () => OfAll(
                (_, figures) => figures.Events.Select(
                    entry => new Measurement<long>(entry.Value, new KeyValuePair<string, object?>("event_type", entry.Key)))),
            description: "Events by type");
        meter.CreateObservableCounter(
            "xmtp_chain_event_faults_total",
            () => OfAll((watch, figures) => [With(figures.Faults, watch)]),
            description: "Events that could not be read, or had no time");
        meter.CreateObservableGauge("xmtp_chain_watcher_leading", () => _watcher.Leads ? 1 : 0, description: "1 in the watcher that leads");
        Status(
            meter.CreateObservableGauge,
            "xmtp_chain_watcher_blocks_behind",
            "Blocks from the last that was read to the newest",
            status => status.Head is { } head ? (long)(Math.Max(head + 1, status.Next) - status.Next) : null);
        Status(
            meter.CreateObservableGauge,
            "xmtp_chain_watcher_live",
            "1 while a subscription is in force; else the chain is polled",
            status => status.IsLive ? 1 : 0);
        Status(meter.CreateObservableGauge, "xmtp_chain_watcher_page_blocks", "Blocks that one query spans", status => status.PageSize);
        Status(
            meter.CreateObservableCounter,
            "xmtp_chain_watcher_rollbacks_total",
            "Times that the chain took blocks back",
            status => status.Rollbacks);
        Status(
            meter.CreateObservableCounter,
            "xmtp_chain_watcher_refused_ranges_total",
            "Queries that the endpoint refused as too large",
            status => status.RefusedRanges);
        Status(
            meter.CreateObservableCounter,
            "xmtp_chain_watcher_silent_subscriptions_total",
            "Subscriptions given up because they had fallen silent",
            status => status.SilentSubscriptions);
    }

    private delegate object Create(string name, Func<IEnumerable<Measurement<long>>> observe, string? unit, string? description);

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

    // A value that is not known yet is not reported.
    private void Status(Create create, string name, string description, Func<FollowStatus, long?> value) =>
        create(
            name,
            () => [.. _watcher.Watches.SelectMany<ChainWatch, Measurement<long>>(
                watch => watch.Status is { } status && value(status) is { } known ? [With(known, watch)] : [])],
            null,
            description);

    private List<Measurement<T>> OfSettlement<T>(Func<ChainFigures, ulong, IEnumerable<Measurement<T>>> read)
        where T : struct => _watcher.Watches[^1].Ledger?.Read((figures, head) => read(figures, head).ToList()) ?? [];

    private List<Measurement<long>> OfAll(Func<ChainWatch, ChainFigures, IEnumerable<Measurement<long>>> read) =>
        [.. _watcher.Watches.SelectMany(watch => watch.Ledger?.Read((figures, _) => read(watch, figures).ToList()) ?? [])];

    private static IEnumerable<Measurement<long>> SinceSubmission(ChainFigures figures, ulong head) =>
        figures.LastSubmission is { } last && head >= last ? One((long)(head - last)) : [];

    private static IEnumerable<Measurement<long>> Buckets(KeyValuePair<uint, OriginatorFigures> entry)
    {
        long below = 0;
        for (var i = 0; i < entry.Value.SettlementSeconds.Length; i++)
        {
            below += entry.Value.SettlementSeconds[i];
            var bound = i < OriginatorFigures.Bounds.Count ? OriginatorFigures.Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
            yield return new Measurement<long>(below, Originator(entry.Key), new KeyValuePair<string, object?>("le", bound));
        }
    }

    private static Measurement<T>[] One<T>(T value)
        where T : struct => [new Measurement<T>(value)];

    private static Measurement<T> With<T>(T value, uint originator)
        where T : struct => new(value, Originator(originator));

    private static Measurement<long> With(long value, ChainWatch watch) =>
        new(value, new KeyValuePair<string, object?>("chain", watch.Chain.Name));

    private static KeyValuePair<string, object?> Originator(uint id) => new("originator_id", id.ToString(CultureInfo.InvariantCulture));
}
