using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>Either broadcaster: the min payload size changed.</summary>
internal sealed class MinPayloadSizeUpdatedHandler()
    : ChainEventHandler("MinPayloadSizeUpdated", BroadcasterContract.MinPayloadSizeUpdatedTopic)
{
    /// <inheritdoc/>
    public override ChangeKind? Change => ChangeKind.PauseChanged;

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        BroadcasterContract.TryReadPayloadSizeUpdated(log, out var update)
            ? happened with { Text = string.Create(CultureInfo.InvariantCulture, $"{log.Address} takes at least {update.Min} bytes") }
            : null;
}
