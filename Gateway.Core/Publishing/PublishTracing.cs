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

    internal static Activity? Authorize() => Source.StartActivity("authorize");

    internal static Activity? Sign(int envelopes) =>
        Source.HasListeners() ? Source.StartActivity("sign")?.SetTag("xmtp.envelopes", envelopes) : null;

    internal static Activity? NodePublish(uint node, int envelopes, int number) => Source.HasListeners()
        ? Source.StartActivity(
            "node publish",
            ActivityKind.Client)?.SetTag("xmtp.originator", node).SetTag("xmtp.envelopes", envelopes).SetTag("xmtp.try", number)
        : null;
}
