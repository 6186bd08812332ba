using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Metrics of the App Chain. Metrics that the original gateway has keep its names; the others report the state of the nonces.
/// </summary>
internal sealed class AppChainMetrics
{
    // The bucket boundaries that dashboards of the original gateway expect.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [.05, .1, .15, .2, .25, .3, .35, .4, .45, .5, .55, .6, .65, .7, .75, .8, .85, .9, 1, 2.5, 5, 10],
    };

    private readonly Histogram<double> _publish;
    private readonly Histogram<double> _broadcast;
    private readonly Histogram<double> _wait;
    private readonly Gauge<long> _nonce;
    private readonly Counter<long> _replaced;
    private readonly Counter<long> _cancelled;
    private readonly Counter<long> _adopted;
    private readonly Counter<long> _foreign;
    private readonly Counter<long> _resent;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _storeErrors;
    private readonly KeyValuePair<string, object?>[] _labels;
    private Func<NonceCounts>? _counts = () => default;

    /// <summary>Creates the instruments.</summary>
    public AppChainMetrics(IMeterFactory meters)
        : this(meters, [])
    {
    }

    /// <summary>Creates the instruments, with labels that all of them have.</summary>
    internal AppChainMetrics(IMeterFactory meters, KeyValuePair<string, object?>[] labels)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _labels = labels;
        var meter = meters.Create("Xmtp.Gateway.AppChain");
        _publish = meter.CreateHistogram("xmtp_blockchain_publish_payload_seconds", null, "From the payload to its receipt", null, Seconds);
        _broadcast = meter.CreateHistogram(
            "xmtp_blockchain_broadcast_transaction_seconds",
            null,
            "How long an endpoint took to accept or refuse a transaction",
            null,
            Seconds);
        _wait = meter.CreateHistogram(
            "xmtp_blockchain_wait_for_transaction_seconds", null, "From the first sending to the end of a transaction", null, Seconds);
        _nonce = meter.CreateGauge<long>("xmtp_gateway_lru_nonce", description: "The nonce leased last");
        _replaced = meter.CreateCounter<long>(
            "xmtp_gateway_nonces_replaced_total", description: "Transactions replaced by one that pays more");
        _cancelled = meter.CreateCounter<long>(
            "xmtp_gateway_nonces_cancelled_total", description: "Nonces used by a cancellation, a transaction of the wallet to itself");
        _adopted = meter.CreateCounter<long>(
            "xmtp_gateway_nonces_adopted_total", description: "Transactions taken over from lost processes");
        _foreign = meter.CreateCounter<long>(
            "xmtp_gateway_nonces_foreign_total", description: "Nonces that another sender used with this key");
        _resent = meter.CreateCounter<long>(
            "xmtp_gateway_transactions_resent_total", description: "Transactions sent again because the mempool had lost them");
        _removed = meter.CreateCounter<long>(
            "xmtp_gateway_transactions_removed_total",
            description: "Mined transactions that a reorganization removed, and that are broadcast again");
        _lost = meter.CreateCounter<long>(
            "xmtp_gateway_transactions_lost_total",
            description: "Removed transactions that were not mined again: an answered publish is not on the chain");
        _storeErrors = meter.CreateCounter<long>(
            "xmtp_gateway_nonce_store_errors_total", description: "Requests that the nonce store did not answer");
        meter.CreateObservableGauge(
            "xmtp_gateway_nonces_owned", () => Now(counts => counts.Owned), description: "Nonces that this process holds");
        meter.CreateObservableGauge(
            "xmtp_gateway_nonces_in_flight",
            () => Now(counts => counts.InFlight),
            description: "Transactions of this process that are not final");
        meter.CreateObservableGauge(
            "xmtp_gateway_nonces_in_doubt",
            () => Now(counts => counts.InDoubt),
            description: "Transactions of this process that no endpoint is known to have");
        meter.CreateObservableGauge(
            "xmtp_gateway_oldest_pending_transaction_seconds",
            () => Now(counts => counts.OldestPending.TotalSeconds),
            description: "Age of the oldest transaction that is not final; 0 without one");
    }

    internal void Watch(Func<NonceCounts> counts) => Volatile.Write(ref _counts, counts);

    /// <summary>Ends the gauges of an account that this process no longer uses.</summary>
    internal void End() => Volatile.Write(ref _counts, null);

    internal void Published(string payloadType, TimeSpan took) =>
        _publish.Record(took.TotalSeconds, With(Tag("payload_type", payloadType)));

    internal void Broadcast(string payloadType, bool succeeded, TimeSpan took)
    {
        var tags = With(Tag("payload_type", payloadType));
        tags.Add(Status(succeeded));
        _broadcast.Record(took.TotalSeconds, tags);
    }

    internal void Ended(bool succeeded, TimeSpan took) => _wait.Record(took.TotalSeconds, With(Status(succeeded)));

    internal void Leased(ulong nonce) => _nonce.Record((long)nonce, _labels);

    internal void Replaced() => _replaced.Add(1, _labels);

    internal void Cancelled() => _cancelled.Add(1, _labels);

    internal void Adopted(int count) => _adopted.Add(count, _labels);

    internal void Foreign(int count) => _foreign.Add(count, _labels);

    internal void Resent() => _resent.Add(1, _labels);

    internal void Removed(int count) => _removed.Add(count, _labels);

    internal void Lost() => _lost.Add(1, _labels);

    internal void StoreFailed() => _storeErrors.Add(1, _labels);

    private IEnumerable<Measurement<T>> Now<T>(Func<NonceCounts, T> read)
        where T : struct => Volatile.Read(ref _counts) is { } counts ? [new Measurement<T>(read(counts()), _labels)] : [];

    private TagList With(KeyValuePair<string, object?> tag)
    {
        var tags = new TagList { tag };
        foreach (var label in _labels) tags.Add(label);
        return tags;
    }

    private static KeyValuePair<string, object?> Status(bool succeeded) => Tag("status", succeeded ? "success" : "failure");

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);
}

/// <summary>Counts of the nonces that this process holds, at one moment.</summary>
internal readonly record struct NonceCounts(int Owned, int InFlight, int InDoubt, TimeSpan OldestPending);
