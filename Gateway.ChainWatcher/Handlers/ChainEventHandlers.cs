using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>All handlers, by the event's topic.</summary>
internal static class ChainEventHandlers
{
    /// <summary>The events followed on the App Chain.</summary>
    public static IReadOnlyDictionary<Bytes32, ChainEventHandler> AppChain { get; } =
        ByTopic(
            new MessageSentHandler(),
            new IdentityUpdateCreatedHandler(),
            new PauseStatusUpdatedHandler(),
            new MinPayloadSizeUpdatedHandler(),
            new MaxPayloadSizeUpdatedHandler());

    /// <summary>The events followed on the settlement chain.</summary>
    public static IReadOnlyDictionary<Bytes32, ChainEventHandler> SettlementChain { get; } = ByTopic(
        new NodeAddedHandler(),
        new NodeAddedToCanonicalNetworkHandler(),
        new NodeRemovedFromCanonicalNetworkHandler(),
        new HttpAddressUpdatedHandler(),
        new RatesUpdatedHandler(),
        new DepositHandler(),
        new UsageSettledHandler(),
        new WithdrawalRequestedHandler(),
        new WithdrawalCancelledHandler(),
        new WithdrawalFinalizedHandler(),
        new PayerReportSubmittedHandler(),
        new PayerReportSubsetSettledHandler());

    private static Dictionary<Bytes32, ChainEventHandler> ByTopic(params ChainEventHandler[] handlers) =>
        handlers.ToDictionary(handler => handler.Topic);
}
