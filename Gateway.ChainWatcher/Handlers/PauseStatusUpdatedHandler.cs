using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>Either broadcaster: it was paused or unpaused.</summary>
internal sealed class PauseStatusUpdatedHandler() : ChainEventHandler("PauseStatusUpdated", BroadcasterContract.PauseStatusUpdatedTopic)
{
    /// <inheritdoc/>
    public override ChangeKind? Change => ChangeKind.PauseChanged;

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        BroadcasterContract.TryReadPauseStatusUpdated(log, out var update)
            ? happened with { Text = $"{log.Address} {(update.Paused ? "paused" : "resumed")}" }
            : null;
}
