using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>The accounts whose transactions the subscription to the chain concerns: the payer, and its senders.</summary>
internal sealed class FollowedAccounts(
    NonceTracker tracker, PendingTransactions transactions, SubscriptionWitness witness, SenderSet senders)
{
    private readonly (NonceTracker Tracker, PendingTransactions Transactions, SubscriptionWitness Witness)[] _all =
    [
        (tracker, transactions, witness),
        .. senders.All.Select(sender => (sender.Tracker, sender.Transactions, sender.Witness)),
    ];

    /// <summary>Requests a read of the chain's counts.</summary>
    internal void RequestRead()
    {
        foreach (var one in _all) one.Tracker.RequestRead();
    }

    /// <summary>The subscription showed that blocks were removed, or may have missed it.</summary>
    internal void NoteReorganization()
    {
        foreach (var one in _all) one.Tracker.NoteReorganization();
    }

    /// <summary>A head was delivered.</summary>
    internal void HearHead(ulong number)
    {
        foreach (var one in _all) one.Witness.HearHead(number);
    }

    /// <summary>An event was delivered.</summary>
    internal void HearEvent(LogEntry log)
    {
        foreach (var one in _all)
        {
            one.Transactions.MarkMined(log);
            one.Witness.HearEvent(log.TransactionHash);
        }
    }

    /// <summary>Heads are delivered from now on, or are not.</summary>
    internal void SetHeads(bool areTold)
    {
        foreach (var one in _all)
        {
            one.Tracker.ReceivesHeads = areTold;
            one.Witness.SetHeads(areTold);
        }
    }

    /// <summary>Events are delivered from now on, or are not.</summary>
    internal void SetEvents(bool areTold)
    {
        foreach (var one in _all)
        {
            one.Tracker.ReceivesEvents = areTold;
            one.Witness.SetEvents(areTold);
        }
    }

    /// <summary>What was not delivered for this long; null when nothing is missing.</summary>
    internal string? SilentAbout(TimeSpan after) =>
        _all.Select(one => one.Witness.SilentAbout(after)).FirstOrDefault(what => what is not null);
}
