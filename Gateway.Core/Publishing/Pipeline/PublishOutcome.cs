using Xmtp.Gateway.Costs;

namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>
/// The outcome of a request: one outcome per envelope in the request's order, or one error for all of them before
/// anything was sent.
/// </summary>
public sealed class PublishOutcome
{
    private PublishOutcome(IReadOnlyList<EnvelopeOutcome> envelopes, PublishError? error)
    {
        Envelopes = envelopes;
        Error = error;
    }

    /// <summary>One for each envelope; empty when the request was refused as a whole.</summary>
    public IReadOnlyList<EnvelopeOutcome> Envelopes { get; }

    /// <summary>Null when every envelope was published; else the error that the caller gets.</summary>
    public PublishError? Error { get; }

    /// <summary>
    /// The cost of the request: the fees in the answers, and gas by estimate; zero when not every envelope was published.
    /// </summary>
    public Picodollars Cost { get; private init; }

    /// <summary>Refused before anything was sent.</summary>
    public static PublishOutcome Refused(PublishError error) => new([], error);

    /// <summary>Every envelope was attempted. The request's error is that of the first envelope that failed.</summary>
    /// <param name="envelopes">The outcomes, in the request's order.</param>
    /// <param name="cost">The cost of the request: the fees in the answers, and gas by estimate.</param>
    public static PublishOutcome Completed(IReadOnlyList<EnvelopeOutcome> envelopes, Picodollars cost = default)
    {
        for (var i = 0; i < envelopes.Count; i++)
            if (envelopes[i].Error is { } error)
                return new PublishOutcome(envelopes, error.EnvelopeIndex is null ? error with { EnvelopeIndex = i } : error);
        return new PublishOutcome(envelopes, null) { Cost = cost };
    }
}
