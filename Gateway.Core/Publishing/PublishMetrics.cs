using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Publishing;

/// <summary>Metrics of publishing; the names are those of the original gateway.</summary>
internal sealed class PublishMetrics
{
    private readonly ConcurrentDictionary<string, NodeTally> _tallies = new(StringComparer.Ordinal);
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _originated;
    private readonly Histogram<int> _retried;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _nodesExcluded;
    private readonly Counter<long> _resent;
    private readonly Counter<long> _unreadRegistry;
    private readonly Counter<long> _lookups;
    private readonly Counter<long> _paidTwice;
    private readonly Counter<long> _refusedAlone;
    private readonly Counter<long> _bans;
    private readonly Histogram<int> _sent;
    private readonly KeyValuePair<string, object?>[] _labels;

    /// <summary>Creates the instruments.</summary>
    public PublishMetrics(IMeterFactory meters)
        : this(meters, null)
    {
    }

    /// <summary>Creates the instruments of one of several payers, whose name is a label of its publishes.</summary>
    internal PublishMetrics(IMeterFactory meters, PayerLabel? payer)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _labels = PayerLabel.TagsOf(payer);
        var meter = meters.Create("Xmtp.Gateway.Publishing");
        _duration = meter.CreateHistogram(
            "xmtp_gateway_publish_duration_seconds", null, "How long a publish to an originator took", null, Buckets.Seconds);
        _originated = meter.CreateCounter<long>("xmtp_gateway_messages_originated", description: "Envelopes that an originator accepted");
        _retried = meter.CreateHistogram(
            "xmtp_gateway_failed_attempts_to_publish_to_node_via_banlist",
            null,
            "Failed attempts before a publish succeeded, by the node first chosen",
            null,
            Buckets.Attempts);
        _refused = meter.CreateCounter<long>(
            "xmtp_gateway_publish_refused_by_node", description: "Requests that a node refused as the request's own fault, by reason");
        _failed = meter.CreateCounter<long>(
            "xmtp_gateway_node_failed_attempts", description: "Attempts that failed by the node's fault, by what was wrong");
        _nodesExcluded = meter.CreateCounter<long>("xmtp_gateway_node_excluded", description: "How often a node was excluded");
        _resent = meter.CreateCounter<long>(
            "xmtp_gateway_node_resent_calls",
            description: "Calls sent again to the same node after it ended its connection or refused the stream " +
                "without processing it");
        _unreadRegistry = meter.CreateCounter<long>(
            "xmtp_gateway_node_registry_read_failures", description: "How often the node registry could not be read");
        _lookups = meter.CreateCounter<long>(
            "xmtp_gateway_node_lookups_total",
            description: "Lookups at their node of publishes without an answer, by result: published, not published, unknown");
        _paidTwice = meter.CreateCounter<long>(
            "xmtp_gateway_maybe_paid_twice_total",
            description: "Envelopes accepted by another node while it was unknown whether this one had accepted them");
        _refusedAlone = meter.CreateCounter<long>(
            "xmtp_gateway_node_refused_alone_total", description: "Publishes that a node refused and another one accepted");
        _bans = meter.CreateCounter<long>(
            "xmtp_gateway_node_bans_total", description: "How often a node was avoided because it alone refuses what others accept");
        _sent = meter.CreateHistogram(
            "xmtp_gateway_node_call_envelopes", null, "Envelopes in a publish call to a node", null, Buckets.Envelopes);
    }

    /// <summary>The label of an originator; cache it when recording often.</summary>
    public static KeyValuePair<string, object?> Originator(uint id) => new("originator_id", id.ToString(CultureInfo.InvariantCulture));

    /// <summary>The counts of each node since the start, by its id as text.</summary>
    internal IReadOnlyDictionary<string, NodeTally> Tallies => _tallies;

    /// <summary>Records that an originator accepted envelopes.</summary>
    public void Published(KeyValuePair<string, object?> originator, int envelopes, TimeSpan took)
    {
        Tally(originator).Published(envelopes, took);
        _duration.Record(took.TotalSeconds, originator);
        if (_labels is [var payer]) _originated.Add(envelopes, originator, payer);
        else _originated.Add(envelopes, originator);
    }

    /// <summary>Records that a publish succeeded after failed attempts.</summary>
    public void PublishedAfterBans(uint firstOriginator, int failedAttempts) =>
        _retried.Record(failedAttempts, Originator(firstOriginator));

    /// <summary>Records that a node refused a request.</summary>
    public void RefusedByNode(KeyValuePair<string, object?> originator, PublishError error)
    {
        Tally(originator).Failed("Refused");
        KeyValuePair<string, object?> reason = new("reason", error.Reason ?? error.Kind.ToString());
        if (_labels is [var payer]) _refused.Add(1, originator, reason, payer);
        else _refused.Add(1, originator, reason);
    }

    /// <summary>Records that an attempt failed by the node's fault.</summary>
    public void NodeFailed(KeyValuePair<string, object?> originator, string fault)
    {
        Tally(originator).Failed(fault);
        _failed.Add(1, originator, new("fault", fault));
    }

    /// <summary>Records that a node's circuit opened.</summary>
    public void NodeExcluded(KeyValuePair<string, object?> originator) => _nodesExcluded.Add(1, originator);

    /// <summary>Records a query to a node for a publish whose response was lost.</summary>
    internal void NotKnown(KeyValuePair<string, object?> originator, string found) => _lookups.Add(1, originator, new("found", found));

    /// <summary>Records that another node accepted envelopes that this one may have accepted.</summary>
    internal void MayBePaidTwice(uint originator, int envelopes) => _paidTwice.Add(envelopes, Originator(originator));

    /// <summary>Records that a node refused what another one accepted.</summary>
    internal void RefusedAlone(KeyValuePair<string, object?> originator) => _refusedAlone.Add(1, originator);

    /// <summary>Records that a node is avoided because of its refusals.</summary>
    internal void Banned(KeyValuePair<string, object?> originator) => _bans.Add(1, originator);

    /// <summary>Records that a call with so many envelopes is sent to a node.</summary>
    internal void Sent(KeyValuePair<string, object?> originator, int envelopes) => _sent.Record(envelopes, originator);

    /// <summary>Records how many times a call was resent to a node that reported not having processed it.</summary>
    public void Resent(KeyValuePair<string, object?> originator, int times) => _resent.Add(times, originator);

    /// <summary>Records that the node registry could not be read.</summary>
    public void RegistryUnread() => _unreadRegistry.Add(1);

    private NodeTally Tally(KeyValuePair<string, object?> originator) =>
        _tallies.GetOrAdd(originator.Value as string ?? "", static _ => new NodeTally());
}
