using System.Collections.Concurrent;
using System.Security.Cryptography;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>
/// The topics at whose senders this process has calls under way: enters them before their calls are sent, and removes them when these
/// have ended. A topic with something under way, in any replica, stays at its sender, so that its order stays.
/// </summary>
internal sealed class HeldTopics(
    ITopicHolds store, SenderSet senders, SenderHealth health, AppChainTransactionOptions options, TimeProvider time)
{
    private const int TopicBytes = 16;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<string, HeldCall> _held = new(StringComparer.Ordinal);
    private volatile bool _isStoreUnavailable;
    private volatile bool _isKnown;

    /// <summary>Whether the store did not answer the last call.</summary>
    internal bool IsStoreUnavailable => _isStoreUnavailable;

    /// <summary>How many calls of this process have lost their entry, and may not be sent any more.</summary>
    internal int Lost => _held.Values.Count(call => call.IsLost);

    /// <summary>Enters calls of a topic.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="payloads">The keys of the calls' payloads.</param>
    /// <param name="timeoutToken">Ends the wait.</param>
    /// <returns>
    /// The topic's sender, and the calls as they are entered; null when the store does not answer, or when the topic is at a sender that
    /// this process does not have.
    /// </returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async Task<(Sender Sender, HeldCall[] Calls)?> TakeAsync(
        ReadOnlyMemory<byte> topic, IReadOnlyList<Bytes32?> payloads, CancellationToken timeoutToken)
    {
        var (name, owner) = (Convert.ToHexStringLower(SHA256.HashData(topic.Span)[..TopicBytes]), Guid.NewGuid().ToString("N"));
        var request = new HoldRequest(
            name,
            [.. payloads.Select((key, i) => $"{key}.{owner}.{i}")],
            Candidates(topic.Span),
            [],
            IsInDoubt: false);
        var outage = new StoreOutage(options.NonceStore.StoreWaitTimeout, time);
        for (var pause = FirstPause; ; pause = DoublingPause.After(pause, MaxPause))
        {
            var began = time.GetTimestamp();
            var answer = await store.TakeAsync(request, timeoutToken).ConfigureAwait(false);
            _isStoreUnavailable = answer.Status == HoldStatus.Unavailable;
            outage.Note(_isStoreUnavailable);
            if (answer.Status == HoldStatus.Done) return await EnterAsync(request, answer.Sender, began).ConfigureAwait(false);
            if (answer.Status == HoldStatus.Ended)
            {
                if (await AreInDoubtAsync(answer, timeoutToken).ConfigureAwait(false) is not { } areInDoubt) return null;
                request = request with { IsInDoubt = areInDoubt, Ended = areInDoubt ? [] : answer.Ended };
                continue;
            }

            if (outage.IsTooLong) return null;
            await Task.Delay(pause, time, timeoutToken).ConfigureAwait(false);
        }
    }

    /// <summary>Renews the leases of all calls, and tells which senders this process finds unavailable.</summary>
    internal async Task RenewAsync(CancellationToken cancellationToken)
    {
        var unavailable = health.Unavailable();
        HeldCall[] held = [.. _held.Values];
        // Once without a reason: a new store enters nothing for a while.
        if (held.Length == 0 && unavailable.Count == 0 && _isKnown) return;
        var began = time.GetTimestamp();
        var lost = await store.RenewAsync(held, unavailable, cancellationToken).ConfigureAwait(false);
        _isStoreUnavailable = lost is null;
        if (lost is null) return;
        _isKnown = true;
        foreach (var call in held)
        {
            if (!lost.Contains(call.Id)) call.MarkRenewed(began);
            else call.MarkLost();
        }
    }

    /// <summary>Removes calls that have ended, and calls whose end is unknown here: these end when their nonce is free of them.</summary>
    /// <param name="calls">The calls, of one topic.</param>
    /// <param name="haveEnded">Whether none of them can be mined any more, or all are.</param>
    internal async Task RemoveAsync(IReadOnlyCollection<HeldCall> calls, bool haveEnded)
    {
        foreach (var call in calls) _held.TryRemove(call.Id, out _);
        if (!haveEnded || calls.Count == 0) return;
        await store.ReleaseAsync(calls.First().Topic, [.. calls.Select(call => call.Id)], CancellationToken.None).ConfigureAwait(false);
    }

    // Where all are unavailable the first is taken: a stuck one may still send, and one without gas certainly does not.
    private EthereumAddress[] Candidates(ReadOnlySpan<byte> topic) =>
        [.. SenderRanking.Of(topic, senders.All).Select(sender => sender.Address).OrderBy(health.IsEmpty)];

    // A sender that this process does not have: the replicas have different files.
    private async Task<(Sender Sender, HeldCall[] Calls)?> EnterAsync(HoldRequest request, string? name, long began)
    {
        if (Find(name) is not { } sender)
        {
            await store.ReleaseAsync(request.Topic, request.Ids, CancellationToken.None).ConfigureAwait(false);
            return null;
        }

        HeldCall[] calls = [.. request.Ids.Select(id => new HeldCall(request.Topic, sender.Address, id, began))];
        foreach (var call in calls) _held[call.Id] = call;
        return (sender, calls);
    }

    // Whether a call of a process that is gone may still be mined. A process stores a transaction, then looks whether its lease has
    // ended, and then sends it: one that is not stored by now is not sent. Null when the store of the nonces does not answer.
    private async ValueTask<bool?> AreInDoubtAsync(HoldAnswer answer, CancellationToken timeoutToken)
    {
        if (Find(answer.Sender) is not { } sender) return false;
        var keys = answer.Ended.Select(call => call.Id[..call.Id.IndexOf('.', StringComparison.Ordinal)]).ToHashSet(StringComparer.Ordinal);
        return await HasInDoubtAsync(sender.Nonces, keys, timeoutToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether an account has a transaction in doubt that publishes one of these payloads; null when its store does not answer.
    /// </summary>
    internal static async ValueTask<bool?> HasInDoubtAsync(NonceManager nonces, HashSet<string> payloads, CancellationToken timeoutToken)
    {
        var list = NonceEntries.None(NonceStoreStatus.Unavailable);
        var status = await nonces.RetryUntilAnsweredAsync(
            async nonceStore =>
            {
                list = await nonceStore.ListAsync(timeoutToken).ConfigureAwait(false);
                return list.Status;
            },
            timeoutToken,
            isAwaited: true).ConfigureAwait(false);
        // One that cannot be read, or without a payload's key, may be any.
        return status != NonceStoreStatus.Done ? null : list.Entries.Any(
            entry => entry.IsInDoubt
                && (entry.Attempts.Count == 0 || entry.Attempts.Any(
                    attempt => attempt.PayloadKey is not { } key || payloads.Contains(key.ToString()))));
    }

    private Sender? Find(string? name) => senders.All.FirstOrDefault(sender => RedisTopicHolds.Name(sender.Address) == name);
}
