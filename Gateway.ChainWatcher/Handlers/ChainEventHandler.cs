using Xmtp.Gateway.Chain;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>
/// One event of a contract: how to read it, its effect on the figures, and its notification. One file per event.
/// </summary>
/// <remarks>The effect on the figures must depend on the event alone, or replays would differ.</remarks>
internal abstract class ChainEventHandler(string type, Bytes32 topic)
{
    /// <summary>The event's name.</summary>
    public string Type => type;

    /// <summary>The event's own topic.</summary>
    public Bytes32 Topic => topic;

    /// <summary>The change that gateways are notified of; null for none.</summary>
    public virtual ChangeKind? Change => null;

    /// <summary>Whether the event is added to the history; false for events that come by the thousand.</summary>
    public virtual bool IsHistory => true;

    /// <summary>Reads a log; null when it is not encoded as this event.</summary>
    public ChainEvent? Read(LogEntry log) => Fill(log, new ChainEvent(type, log.BlockNumber)
    {
        Time = log.BlockTimestamp,
        Transaction = IsHistory ? log.TransactionHash.ToString() : null,
    });

    /// <summary>Whether it concerns gateways of this payer.</summary>
    public virtual bool Concerns(ChainEvent happened, EthereumAddress? ownPayer) => true;

    /// <summary>Changes the figures; the event is counted already.</summary>
    public virtual void Apply(ChainEvent happened, ChainFigures figures, EthereumAddress? ownPayer)
    {
    }

    /// <summary>Fills in the event's content; null when it is unreadable.</summary>
    protected abstract ChainEvent? Fill(LogEntry log, ChainEvent happened);
}
