using Xmtp.Gateway.Chain;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>One event of one contract: how to read it, what it does to the figures, and who must hear of it. One file an event.</summary>
/// <remarks>What a handler does to the figures follows from the event alone, or replays would differ.</remarks>
internal abstract class ChainEventHandler(string type, Bytes32 topic)
{
    /// <summary>The event's name.</summary>
    public string Type => type;

    /// <summary>The event's own topic.</summary>
    public Bytes32 Topic => topic;

    /// <summary>What gateways read anew because of it; null for nothing.</summary>
    public virtual ChangeKind? Change => null;

    /// <summary>Whether it is remembered one by one. What comes by the thousand is not.</summary>
    public virtual bool IsHistory => true;

    /// <summary>Reads a log; null when it is encoded otherwise than this event is.</summary>
    public ChainEvent? Read(LogEntry log) => Fill(log, new ChainEvent(type, log.BlockNumber)
    {
        Time = log.BlockTimestamp,
        Transaction = IsHistory ? log.TransactionHash.ToString() : null,
    });

    /// <summary>Whether it concerns gateways of this payer.</summary>
    public virtual bool Concerns(ChainEvent happened, EthereumAddress? ownPayer) => true;

    /// <summary>Changes the figures; it is counted already.</summary>
    public virtual void Apply(ChainEvent happened, ChainFigures figures, EthereumAddress? ownPayer)
    {
    }

    /// <summary>Fills in what the event says; null when it cannot be read.</summary>
    protected abstract ChainEvent? Fill(LogEntry log, ChainEvent happened);
}
