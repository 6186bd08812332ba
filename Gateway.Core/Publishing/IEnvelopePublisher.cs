using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing;

/// <summary>One of the two flows: the Broadcast Network or the App Chain.</summary>
public interface IEnvelopePublisher
{
    /// <summary>Which flow this is.</summary>
    Destination Destination { get; }

    /// <summary>
    /// Says, before anything of the request is sent anywhere, why these envelopes could not be published; null when
    /// they can be tried.
    /// </summary>
    /// <remarks>Sizes, a paused contract, a flow that does not exist. Cheap: no network call.</remarks>
    PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes);

    /// <summary>Publishes envelopes that were authorized.</summary>
    /// <param name="envelopes">All bound for <see cref="Destination"/>.</param>
    /// <param name="deadline">The one deadline over all tries.</param>
    /// <param name="cancellationToken">Ends when the caller leaves (not when the deadline passes).</param>
    /// <returns>One outcome for each envelope, in order. Never throws for what upstream does.</returns>
    ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken);
}
