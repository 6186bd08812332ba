using System.Diagnostics;
using System.Globalization;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>
/// What the span of a publish says: how many envelopes of which kinds, whose (as a hash), which originators took them, and the
/// cost. The call's own span gets the first as <c>xmtp.publish</c>, so that a list of traces shows it.
/// </summary>
internal static class PublishSpan
{
    // The kinds of a batch in the order of their first envelope, with their counts.
    private static readonly (PayloadKind Kind, bool OnChain, string One, string Many)[] Names =
    [
        (PayloadKind.GroupMessage, false, "message", "messages"),
        (PayloadKind.GroupMessage, true, "commit", "commits"),
        (PayloadKind.WelcomeMessage, false, "welcome", "welcomes"),
        (PayloadKind.UploadKeyPackage, false, "key package", "key packages"),
        (PayloadKind.IdentityUpdate, true, "identity update", "identity updates"),
    ];

    /// <summary>Tags the span, and the call's, before anything is sent.</summary>
    internal static void Describe(Activity span, PublishContext publish)
    {
        var kinds = Kinds(publish.Envelopes);
        var count = publish.Envelopes.Count;
        var text = string.Create(CultureInfo.InvariantCulture, $"publish {count} {(count == 1 ? "envelope" : "envelopes")}: {kinds}");
        span.DisplayName = text;
        span.SetTag("xmtp.kinds", kinds)
            .SetTag("xmtp.identity_kind", publish.Identity.Kind)
            .SetTag("xmtp.identity", IdentityHash.Of(publish.Identity));
        PublishTracing.Call(span)?.SetTag("xmtp.publish", text);
    }

    /// <summary>Tags the span with who took the envelopes and what it cost.</summary>
    internal static void Complete(Activity span, IReadOnlyList<EnvelopeOutcome> outcomes, Picodollars cost)
    {
        var originators = new SortedSet<uint>();
        foreach (var outcome in outcomes)
        {
            if (outcome.IsPublished && OriginatorEnvelopeView.TryRead(outcome.OriginatorEnvelope, out var view))
                originators.Add(view.OriginatorNodeId);
        }

        span.SetTag("xmtp.originators", string.Join(',', originators))
            .SetTag("xmtp.published", outcomes.Count(outcome => outcome.IsPublished))
            .SetTag("xmtp.cost_picodollars", cost.Value.ToString(CultureInfo.InvariantCulture));
    }

    private static string Kinds(IReadOnlyList<ParsedEnvelope> envelopes) => string.Join(", ", Names
        .Select(name => (name.One, name.Many, Count: envelopes.Count(
            envelope => envelope.Payload == name.Kind && envelope.Destination == Destination.AppChain == name.OnChain)))
        .Where(name => name.Count > 0)
        .Select(name => string.Create(CultureInfo.InvariantCulture, $"{name.Count} {(name.Count == 1 ? name.One : name.Many)}")));
}
