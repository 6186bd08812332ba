using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>
/// Splits a request's envelopes by destination, runs both flows concurrently, and merges the outcomes in request order.
/// </summary>
/// <remarks>
/// A publisher that throws does not affect the outcomes of the other. Its App Chain envelopes are then in doubt, since
/// they may have been sent.
/// </remarks>
internal sealed partial class EnvelopeRouter
{
    private readonly IEnvelopePublisher _network;
    private readonly IEnvelopePublisher _chain;
    private readonly ILogger _logger;

    internal EnvelopeRouter(IEnumerable<IEnvelopePublisher> publishers, ILogger<EnvelopeRouter>? logger = null)
    {
        _logger = logger ?? NullLogger<EnvelopeRouter>.Instance;
        // The last publisher registered for a destination is used, as with every service of the container.
        var all = publishers.ToList();
        _network = all.Last(publisher => publisher.Destination == Destination.BroadcastNetwork);
        _chain = all.Last(publisher => publisher.Destination == Destination.AppChain);
    }

    /// <summary>The first error of either flow that prevents the publish; null when there is none.</summary>
    internal PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        if (OnlyDestination(envelopes) is { } only) return Publisher(only).Check(envelopes);
        return _chain.Check(Of(Destination.AppChain, envelopes)) ?? _network.Check(Of(Destination.BroadcastNetwork, envelopes));
    }

    /// <summary>Publishes; one outcome per envelope, in the order of the list.</summary>
    internal ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, ClientIdentity caller, PublishDeadline deadline, CancellationToken cancellationToken) =>
        OnlyDestination(envelopes) switch
        {
            Destination.AppChain => TryPublishAsync(_chain, envelopes, caller, deadline, cancellationToken),
            { } only => PublishAsync(Publisher(only), envelopes, caller, deadline, cancellationToken),
            null => PublishBothAsync(envelopes, caller, deadline, cancellationToken),
        };

    private async ValueTask<EnvelopeOutcome[]> PublishBothAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, ClientIdentity caller, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        var chainTask = TryPublishAsync(_chain, Of(Destination.AppChain, envelopes), caller, deadline, cancellationToken).AsTask();
        var networkTask = TryPublishAsync(
            _network, Of(Destination.BroadcastNetwork, envelopes), caller, deadline, cancellationToken).AsTask();
        await Task.WhenAll(chainTask, networkTask).ConfigureAwait(false);
        return Merge(envelopes, await chainTask.ConfigureAwait(false), await networkTask.ConfigureAwait(false));
    }

    private async ValueTask<EnvelopeOutcome[]> TryPublishAsync(
        IEnvelopePublisher publisher,
        IReadOnlyList<ParsedEnvelope> envelopes,
        ClientIdentity caller,
        PublishDeadline deadline,
        CancellationToken cancellationToken)
    {
        try
        {
            return await PublishAsync(publisher, envelopes, caller, deadline, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // a publisher may be user code, and its exception is not for the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(_logger, publisher.Destination, exception);
            var error = PublishFaults.LeftOr(PublishFaults.Internal, cancellationToken);
            return [.. envelopes.Select(envelope =>
                EnvelopeOutcome.Failed(error with { EnvelopeIndex = envelope.Index }) with
                {
                    IsInDoubt = publisher.Destination == Destination.AppChain,
                })];
        }
    }

    private ValueTask<EnvelopeOutcome[]> PublishAsync(
        IEnvelopePublisher publisher,
        IReadOnlyList<ParsedEnvelope> envelopes,
        ClientIdentity caller,
        PublishDeadline deadline,
        CancellationToken cancellationToken)
    {
        if (_logger.IsEnabled(LogLevel.Debug)) LogPublishing(publisher, envelopes);
        return publisher is ICallerAwarePublisher aware
            ? aware.PublishAsync(envelopes, caller, deadline, cancellationToken)
            : publisher.PublishAsync(envelopes, deadline, cancellationToken);
    }

    private void LogPublishing(IEnvelopePublisher publisher, IReadOnlyList<ParsedEnvelope> envelopes)
    {
        if (publisher.Destination == Destination.BroadcastNetwork)
        {
            LogToNodes(_logger, envelopes.Count);
            return;
        }

        foreach (var envelope in envelopes) LogToChain(_logger, envelope.Index);
    }

    private static Destination? OnlyDestination(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        var first = envelopes[0].Destination;
        for (var i = 1; i < envelopes.Count; i++)
            if (envelopes[i].Destination != first)
                return null;
        return first;
    }

    private IEnvelopePublisher Publisher(Destination destination) => destination == Destination.AppChain ? _chain : _network;

    private static List<ParsedEnvelope> Of(Destination destination, IReadOnlyList<ParsedEnvelope> envelopes) =>
        [.. envelopes.Where(envelope => envelope.Destination == destination)];

    private static EnvelopeOutcome[] Merge(IReadOnlyList<ParsedEnvelope> envelopes, EnvelopeOutcome[] onChain, EnvelopeOutcome[] onNetwork)
    {
        var outcomes = new EnvelopeOutcome[envelopes.Count];
        for (int i = 0, fromChain = 0, fromNetwork = 0; i < outcomes.Length; i++)
            outcomes[i] = envelopes[i].Destination == Destination.AppChain ? onChain[fromChain++] : onNetwork[fromNetwork++];
        return outcomes;
    }

    [LoggerMessage(
        EventId = EventIds.EnvelopeRouterBroke, Level = LogLevel.Error, Message = "the publisher to {Destination} threw an exception")]
    private static partial void LogFailed(ILogger logger, Destination destination, Exception exception);

    // The words of the original: what runs it counts them. A line for the envelopes of nodes, and one for each of the chain.
    [LoggerMessage(
        EventId = EventIds.EnvelopeRouterToNodes, Level = LogLevel.Debug, Message = "publishing to originator: {NumEnvelopes} envelopes")]
    private static partial void LogToNodes(ILogger logger, int numEnvelopes);

    [LoggerMessage(
        EventId = EventIds.EnvelopeRouterToChain, Level = LogLevel.Debug, Message = "publishing to blockchain: envelopes[{Index}]")]
    private static partial void LogToChain(ILogger logger, int index);
}
