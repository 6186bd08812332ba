using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing;

/// <summary>Parts a request's envelopes by destination, runs both flows side by side, and puts the outcomes back in order.</summary>
internal sealed class DestinationSplit
{
    private readonly IEnvelopePublisher network;
    private readonly IEnvelopePublisher chain;

    internal DestinationSplit(IEnumerable<IEnvelopePublisher> publishers)
    {
        // The last one registered for a destination serves it, as with every service of the container.
        var all = publishers.ToList();
        network = all.Last(publisher => publisher.Destination == Destination.BroadcastNetwork);
        chain = all.Last(publisher => publisher.Destination == Destination.AppChain);
    }

    /// <summary>The first reason not to start, of either flow.</summary>
    internal PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        if (OnlyDestination(envelopes) is { } only) return Publisher(only).Check(envelopes);
        return chain.Check(Of(Destination.AppChain, envelopes)) ?? network.Check(Of(Destination.BroadcastNetwork, envelopes));
    }

    /// <summary>Publishes; one outcome an envelope, in the order of the list.</summary>
    internal ValueTask<EnvelopeOutcome[]> PublishAsync(IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken) =>
        OnlyDestination(envelopes) is { } only
            ? Publisher(only).PublishAsync(envelopes, deadline, cancellationToken)
            : PublishBothAsync(envelopes, deadline, cancellationToken);

    private async ValueTask<EnvelopeOutcome[]> PublishBothAsync(IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        var chainTask = chain.PublishAsync(Of(Destination.AppChain, envelopes), deadline, cancellationToken).AsTask();
        var networkTask = network.PublishAsync(Of(Destination.BroadcastNetwork, envelopes), deadline, cancellationToken).AsTask();
        await Task.WhenAll(chainTask, networkTask);
        return Merge(envelopes, await chainTask, await networkTask);
    }

    private static Destination? OnlyDestination(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        var first = envelopes[0].Destination;
        for (var i = 1; i < envelopes.Count; i++)
            if (envelopes[i].Destination != first)
                return null;
        return first;
    }

    private IEnvelopePublisher Publisher(Destination destination) => destination == Destination.AppChain ? chain : network;

    private static List<ParsedEnvelope> Of(Destination destination, IReadOnlyList<ParsedEnvelope> envelopes) =>
        [.. envelopes.Where(envelope => envelope.Destination == destination)];

    private static EnvelopeOutcome[] Merge(IReadOnlyList<ParsedEnvelope> envelopes, EnvelopeOutcome[] onChain, EnvelopeOutcome[] onNetwork)
    {
        var outcomes = new EnvelopeOutcome[envelopes.Count];
        for (int i = 0, fromChain = 0, fromNetwork = 0; i < outcomes.Length; i++)
            outcomes[i] = envelopes[i].Destination == Destination.AppChain ? onChain[fromChain++] : onNetwork[fromNetwork++];
        return outcomes;
    }
}
