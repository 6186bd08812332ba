using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>RateRegistry: new prices, in force from their start time on.</summary>
internal sealed class RatesUpdatedHandler() : ChainEventHandler("RatesUpdated", RateRegistryContract.RatesUpdatedTopic)
{
    /// <inheritdoc/>
    public override ChangeKind? Change => ChangeKind.RatesChanged;

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) => RateRegistryContract.TryReadRatesUpdated(log, out var rates)
        ? happened with
        {
            Text = $"message {rates.MessageFee}, storage {rates.StorageFee}, congestion {rates.CongestionFee} picodollars, " +
                $"target {rates.TargetRatePerMinute} a minute, from {rates.StartTime}",
        }
        : null;
}
