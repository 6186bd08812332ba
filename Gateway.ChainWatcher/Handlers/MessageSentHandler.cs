using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>GroupMessageBroadcaster: a commit or a proposal was ordered. Only counted.</summary>
internal sealed class MessageSentHandler() : ChainEventHandler("MessageSent", GroupMessageBroadcasterContract.MessageSentTopic)
{
    /// <inheritdoc/>
    public override bool IsHistory => false;

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) => log.Topics.Count == 3 ? happened : null;
}
