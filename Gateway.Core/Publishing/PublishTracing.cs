using System.Diagnostics;

namespace Xmtp.Gateway.Publishing;

/// <summary>The spans of a publish. Without a listener none is created.</summary>
public static class PublishTracing
{
    /// <summary>The name of the activity source to listen to.</summary>
    public const string SourceName = "Xmtp.Gateway.Publishing";

    private static readonly ActivitySource Source = new(SourceName);

    internal static Activity? Publish(int envelopes) =>
        Source.HasListeners() ? Source.StartActivity("publish")?.SetTag("xmtp.envelopes", envelopes) : null;

    /// <summary>The span of the call that the current one is a part of; null when it is not traced.</summary>
    internal static Activity? Call(Activity span)
    {
        for (var at = span.Parent; at is not null; at = at.Parent)
            if (at.Kind == ActivityKind.Server) return at;
        return null;
    }

    internal static Activity? Authorize() => Source.StartActivity("authorize");

    internal static Activity? Sign(int envelopes) =>
        Source.HasListeners() ? Source.StartActivity("sign")?.SetTag("xmtp.envelopes", envelopes) : null;

    /// <summary>A call to a node that several publishes share: a trace of its own, to which their spans are linked.</summary>
    /// <param name="node">The node.</param>
    /// <param name="envelopes">The number of envelopes.</param>
    /// <param name="publishes">The spans of the publishes; null for one that is not traced.</param>
    internal static Activity? SharedCall(uint node, int envelopes, IEnumerable<Activity?> publishes)
    {
        if (!Source.HasListeners() || Source.StartActivity("shared node call") is not { } span) return null;
        span.SetTag("xmtp.originator", node).SetTag("xmtp.envelopes", envelopes);
        foreach (var publish in publishes) publish?.AddLink(new ActivityLink(span.Context));
        return span;
    }

    internal static Activity? NodePublish(uint node, int envelopes, int number) => Source.HasListeners()
        ? Source.StartActivity(
            "node publish",
            ActivityKind.Client)?.SetTag("xmtp.originator", node).SetTag("xmtp.envelopes", envelopes).SetTag("xmtp.try", number)
        : null;
}
