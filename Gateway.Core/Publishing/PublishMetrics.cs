using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Xmtp.Gateway.Publishing;

/// <summary>What dashboards see of publishing; the names are those of the original.</summary>
public sealed class PublishMetrics
{
    private readonly Histogram<double> duration;
    private readonly Counter<long> originated;
    private readonly Counter<long> retried;
    private readonly Counter<long> refused;
    private readonly Counter<long> wrongAnswers;

    /// <summary>Makes the instruments.</summary>
    public PublishMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Xmtp.Gateway.Publishing");
        duration = meter.CreateHistogram<double>("xmtp_gateway_publish_duration_seconds", description: "How long a publish to an originator took");
        originated = meter.CreateCounter<long>("xmtp_gateway_messages_originated", description: "Envelopes that an originator took");
        retried = meter.CreateCounter<long>("xmtp_gateway_failed_attempts_to_publish_to_node_via_banlist", description: "Failed tries before a publish went through, by the node first chosen");
        refused = meter.CreateCounter<long>("xmtp_gateway_publish_refused_by_node", description: "Requests that a node refused as the request's own fault, by reason");
        wrongAnswers = meter.CreateCounter<long>("xmtp_gateway_wrong_node_answers", description: "Answers of nodes that failed a check");
    }

    /// <summary>An originator took envelopes.</summary>
    public void Published(uint originator, int envelopes, TimeSpan took)
    {
        var tag = Originator(originator);
        duration.Record(took.TotalSeconds, tag);
        originated.Add(envelopes, tag);
    }

    /// <summary>A publish went through after failed tries.</summary>
    public void PublishedAfterBans(uint firstOriginator, int failedTries) => retried.Add(failedTries, Originator(firstOriginator));

    /// <summary>A node refused a request.</summary>
    public void RefusedByNode(uint originator, PublishError error)
    {
        var tags = new TagList { Originator(originator), new("reason", error.Reason ?? error.Kind.ToString()) };
        refused.Add(1, tags);
    }

    /// <summary>A node answered wrongly.</summary>
    public void WrongAnswer(uint originator) => wrongAnswers.Add(1, Originator(originator));

    private static KeyValuePair<string, object?> Originator(uint id) => new("originator_id", id);
}
