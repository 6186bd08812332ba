using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>The accounts whose transactions the subscription to the chain concerns: the payer, and its senders.</summary>
internal sealed class FollowedAccounts(
    NonceTracker tracker,
    PendingTransactions transactions,
    SubscriptionMonitor subscription,
    SenderSet senders,
    AccountUse? use = null)
{
    private readonly (NonceTracker Tracker, PendingTransactions Transactions, SubscriptionMonitor Subscription)[] _all =
    [
        (tracker, transactions, subscription),
        .. senders.All.Select(sender => (sender.Tracker, sender.Transactions, sender.Subscription)),
    ];

    /// <summary>Whether the payer is in use.</summary>
    internal bool AreInUse => use is not { HasEnded: true };

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
    internal void OnHead(ulong number)
    {
        foreach (var one in _all) one.Subscription.OnHead(number);
    }

    /// <summary>An event was delivered.</summary>
    internal void OnEvent(LogEntry log)
    {
        foreach (var one in _all)
        {
            one.Transactions.MarkMined(log);
            one.Subscription.OnEvent(log.TransactionHash);
        }
    }

    /// <summary>Heads are delivered from now on, or are not.</summary>
    internal void SetHeads(bool isLive)
    {
        foreach (var one in _all)
        {
            one.Tracker.ReceivesHeads = isLive;
            one.Subscription.SetHeads(isLive);
        }
    }

    /// <summary>Events are delivered from now on, or are not.</summary>
    internal void SetEvents(bool isLive)
    {
        foreach (var one in _all)
        {
            one.Tracker.ReceivesEvents = isLive;
            one.Subscription.SetEvents(isLive);
        }
    }

    /// <summary>What was not delivered for this long; null when nothing is missing.</summary>
    internal string? FindMissing(TimeSpan after) =>
        _all.Select(one => one.Subscription.FindMissing(after)).FirstOrDefault(what => what is not null);
}
