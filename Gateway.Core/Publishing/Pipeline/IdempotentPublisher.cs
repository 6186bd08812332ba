using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>
/// In front of both flows: an envelope that the same identity published before, or is publishing now, gets that answer
/// and is not paid for again.
/// </summary>
/// <remarks>
/// Failed envelopes are forgotten at once, so that a resend of the batch publishes the rest of it. An envelope that may
/// still be mined, or whose call to a node was abandoned, keeps its claim until its outcome is known, whether or not a
/// caller waits for it. While the shared store does not answer, envelopes are still published to nodes, since a message
/// costs little, but not to the App Chain.
/// </remarks>
internal sealed class IdempotentPublisher(
    MeteredPublisher publishing,
    IPublishedStore? store,
    IdempotencyMetrics metrics,
    TimeProvider time,
    RepetitionLimit? repetitions = null,
    TimeSpan? storeWaitTimeout = null)
{
    private static readonly PublishError StillInFlight = new(
        PublishErrorKind.DeadlineExceeded,
        "an earlier call publishes the same envelope and has not ended in time; it may still be published")
    {
        Reason = "PUBLISH_IN_FLIGHT",
    };

    private static readonly PublishError StoreAway = new(
        PublishErrorKind.Unavailable,
        "the shared store does not answer, and without it the envelope might be paid for twice; it was not sent")
    {
        Reason = "PUBLISH_STORE_AWAY",
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    private static readonly PublishError PublishedBefore = new(
        PublishErrorKind.FailedPrecondition,
        "the same envelope was published before, and its answer is no longer kept; it was not sent again")
    { Reason = "ALREADY_PUBLISHED" };

    private static readonly PublishError TooManyWait = new(
        PublishErrorKind.ResourceExhausted,
        "too many envelopes of this caller wait for earlier calls that publish the same")
    {
        Reason = "TOO_MANY_WAITING",
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private static ulong _owners;

    private readonly TimeSpan _storeWaitTimeout = storeWaitTimeout ?? TimeSpan.MaxValue;
    private readonly WaitingEnvelopes _waiting = new();

    /// <summary>Publishes; one outcome per envelope, in the request's order.</summary>
    /// <param name="context">An authorized request with at least one envelope.</param>
    /// <param name="deadline">When the caller gives up.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves.</param>
    internal ValueTask<EnvelopeOutcome[]> PublishAsync(
        PublishContext context, PublishDeadline deadline, CancellationToken cancellationToken) =>
        store is null ? PublishAlwaysAsync(context, deadline, cancellationToken)
        : context.Envelopes.Count == 1 ? PublishOneAsync(store, context, deadline, cancellationToken)
        : PublishManyAsync(new Request(context, store, KeysOf(context), deadline, cancellationToken));

    private async ValueTask<EnvelopeOutcome[]> PublishAlwaysAsync(
        PublishContext context, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        var outcomes = await publishing.PublishAsync(context, deadline, cancellationToken).ConfigureAwait(false);
        foreach (var outcome in outcomes)
        {
            if (outcome.Settles is { } settles) _ = PersistedAsync(settles);
            else outcome.OnPersisted?.Invoke();
        }

        return outcomes;
    }

    // Without a store there is nothing to persist, so the transaction is released at once.
    private static async Task PersistedAsync(Task<EnvelopeOutcome> settles) => (await settles.ConfigureAwait(false)).OnPersisted?.Invoke();

    // The usual request of SDKs: like the path for many, without its lists.
    private async ValueTask<EnvelopeOutcome[]> PublishOneAsync(
        IPublishedStore remembers, PublishContext context, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        var envelope = context.Envelopes[0];
        var (key, owner) = (EnvelopeKey.Of(context.Identity, envelope), Interlocked.Increment(ref _owners));
        var (claim, charge) = await ClaimAndChargeAsync(
            remembers.ClaimAsync(key, owner, cancellationToken), context, cancellationToken).ConfigureAwait(false);
        if (!MayPublish(claim, envelope))
        {
            _ = charge?.GiveBackAsync();
            var request = new Request(context, remembers, [key], deadline, cancellationToken);
            if (claim.State != ClaimState.Unanswered) return await PublishManyAsync(request).ConfigureAwait(false);
            await PublishWhenAnsweredAsync(request, [0], owner).ConfigureAwait(false);
            return request.Outcomes;
        }

        EnvelopeOutcome outcome = default;
        try
        {
            var outcomes = await publishing.PublishAsync(context, deadline, cancellationToken, charge).ConfigureAwait(false);
            outcome = outcomes[0];
            return outcomes;
        }
        finally
        {
            End(remembers, key, owner, outcome, envelope.Bytes);
        }
    }

    // A claim found in this process's memory is known at once. When the shared store is called, the charge is
    // requested at the same time, and refunded if it turns out that there is nothing to publish.
    private async ValueTask<(T Claim, PendingCharge? Charge)> ClaimAndChargeAsync<T>(
        ValueTask<T> claiming, PublishContext context, CancellationToken cancellationToken)
    {
        var charge = claiming.IsCompleted ? null : publishing.Charge(context, cancellationToken);
        try
        {
            return (await claiming.ConfigureAwait(false), charge);
        }
        catch
        {
            _ = charge?.GiveBackAsync();
            throw;
        }
    }

    private async ValueTask<EnvelopeOutcome[]> PublishManyAsync(Request request)
    {
        var first = FirstOfEachKey(request, out var repeats);
        await PublishAsync(request, first).ConfigureAwait(false);
        foreach (var (place, of) in repeats ?? []) request.Outcomes[place] = Again(request, place, of);
        if (request.RepeatedBytes > 0) repetitions?.Add(request.Attempt.Identity, request.RepeatedBytes);
        return request.Outcomes;
    }

    private async ValueTask PublishAsync(Request request, List<int> places)
    {
        var owner = Interlocked.Increment(ref _owners);
        var claiming = request.Store.ClaimAsync(places.ConvertAll(place => request.Keys[place]), owner, request.Leaves);
        if (places.Count < request.Keys.Length)
        {
            await PublishAsync(request, places, await claiming.ConfigureAwait(false), owner).ConfigureAwait(false);
            return;
        }

        var (claims, charge) = await ClaimAndChargeAsync(claiming, request.Attempt, request.Leaves).ConfigureAwait(false);
        await PublishAsync(request, places, claims, owner, charge).ConfigureAwait(false);
    }

    private async ValueTask PublishAsync(Request request, List<int> places, Claim[] claims, ulong owner, PendingCharge? charge = null)
    {
        var mine = new List<int>(places.Count);
        List<int>? unanswered = null;
        List<int>? busy = null;
        List<Task>? others = null;
        for (var i = 0; i < claims.Length; i++)
        {
            if (MayPublish(claims[i], request.Envelopes[places[i]])) mine.Add(places[i]);
            else if (claims[i].State == ClaimState.Published) Repeat(request, places[i], claims[i].Answer);
            else if (claims[i].State == ClaimState.AnswerGone) request.Fail(places[i], PublishedBefore);
            else if (claims[i].State == ClaimState.Unanswered) (unanswered ??= []).Add(places[i]);
            else (busy ??= []).Add(places[i]);
        }

        if (busy is not null) (others ??= []).Add(WaitAsync(request, busy));
        if (unanswered is not null) (others ??= []).Add(PublishWhenAnsweredAsync(request, unanswered, owner));
        if (charge is not null && mine.Count < places.Count)
        {
            // The part that is published is charged after this, and must find the room that the whole request took.
            await charge.GiveBackAsync().ConfigureAwait(false);
            charge = null;
        }

        if (mine.Count > 0) await PublishMineAsync(request, mine, owner, charge).ConfigureAwait(false);
        if (others is not null) await Task.WhenAll(others).ConfigureAwait(false);
    }

    private static bool MayPublish(Claim claim, ParsedEnvelope envelope) =>
        claim.State == ClaimState.Mine || (claim.State == ClaimState.Unanswered && envelope.Destination != Destination.AppChain);

    // All of them together, since envelopes of one topic must keep their order. A store that stays unavailable is not
    // waited for beyond the store timeout: a resend succeeds as soon as the store is back.
    private async Task PublishWhenAnsweredAsync(Request request, List<int> places, ulong owner)
    {
        var left = request.Deadline.Remaining;
        using var timeout = new CancellationTokenSource(left < _storeWaitTimeout ? left : _storeWaitTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, request.Leaves);
        Claim[] claims;
        try
        {
            claims = await ClaimWhenAnsweredAsync(request, places, owner, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            foreach (var place in places)
            {
                _ = request.Store.EndAsync(request.Keys[place], owner, null).AsTask();
                request.Fail(place, request.Leaves.IsCancellationRequested ? PublishFaults.CallerLeft : StoreAway);
            }

            return;
        }

        await PublishAsync(request, places, claims, owner).ConfigureAwait(false);
    }

    private async Task<Claim[]> ClaimWhenAnsweredAsync(Request request, List<int> places, ulong owner, CancellationToken timeoutToken)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < MaxPause ? pause * 2 : MaxPause)
        {
            await Task.Delay(pause, time, timeoutToken).ConfigureAwait(false);
            var claims = await request.Store.ClaimAsync(
                places.ConvertAll(place => request.Keys[place]), owner, timeoutToken).ConfigureAwait(false);
            if (claims.All(claim => claim.State != ClaimState.Unanswered)) return claims;
        }
    }

    // One wait for all envelopes of a request that other calls publish.
    private async Task WaitAsync(Request request, List<int> places)
    {
        var (identity, count) = (request.Attempt.Identity, places.Count);
        if (!_waiting.TryEnter(identity, count))
        {
            foreach (var place in places) request.Fail(place, TooManyWait);
            return;
        }

        var ended = new List<Task>();
        using var timeout = new CancellationTokenSource(request.Deadline.Remaining, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, request.Leaves);
        try
        {
            while (places.Count > 0) places = await WaitAsync(request, places, ended, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            foreach (var place in places)
                request.Fail(place, request.Leaves.IsCancellationRequested ? PublishFaults.CallerLeft : StillInFlight);
        }
        finally
        {
            _waiting.Leave(identity, count);
        }

        await Task.WhenAll(ended).ConfigureAwait(false);
    }

    // Returns those that are still busy. The others are published in the meantime.
    private async ValueTask<List<int>> WaitAsync(Request request, List<int> places, List<Task> ended, CancellationToken timeoutToken)
    {
        var free = await request.Store.WaitAsync(places.ConvertAll(place => request.Keys[place]), timeoutToken).ConfigureAwait(false);
        var owner = Interlocked.Increment(ref _owners);
        var claims = await request.Store.ClaimAsync(
            [.. free.Select(i => request.Keys[places[i]])], owner, request.Leaves).ConfigureAwait(false);
        var (next, nextClaims, busy) = (new List<int>(), new List<Claim>(), new List<int>());
        for (var (i, at) = (0, 0); i < places.Count; i++)
        {
            if (at == free.Count || free[at] != i || claims[at++] is not { State: not ClaimState.Busy } claim)
            {
                busy.Add(places[i]);
                continue;
            }

            next.Add(places[i]);
            nextClaims.Add(claim);
        }

        if (next.Count > 0) ended.Add(PublishAsync(request, next, [.. nextClaims], owner).AsTask());
        return busy;
    }

    private async ValueTask PublishMineAsync(Request request, List<int> mine, ulong owner, PendingCharge? charge)
    {
        var ended = Array.Empty<EnvelopeOutcome>();
        try
        {
            var all = request.Attempt;
            var part = mine.Count == all.Envelopes.Count ? all : publishing.Part(all, mine.ConvertAll(place => all.Envelopes[place]));
            ended = await publishing.PublishAsync(part, request.Deadline, request.Leaves, charge).ConfigureAwait(false);
        }
        finally
        {
            for (var i = 0; i < mine.Count; i++)
            {
                if (i < ended.Length) request.Outcomes[mine[i]] = ended[i];
                End(request.Store, request.Keys[mine[i]], owner, i < ended.Length ? ended[i] : default, request.Envelopes[mine[i]].Bytes);
            }
        }
    }

    // The caller does not wait until the store has recorded the end: until then the claim stands.
    private static void End(IPublishedStore store, EnvelopeKey key, ulong owner, EnvelopeOutcome outcome, ReadOnlyMemory<byte> envelope)
    {
        if (outcome.Settles is { } settles) _ = SettleAsync(store, key, owner, settles, envelope.ToArray());
        else _ = EndAsync(store, key, owner, outcome, envelope.Span);
    }

    private static async Task SettleAsync(
        IPublishedStore store, EnvelopeKey key, ulong owner, Task<EnvelopeOutcome> settles, byte[] envelope) =>
        await EndAsync(store, key, owner, await settles.ConfigureAwait(false), envelope).ConfigureAwait(false);

    private static Task EndAsync(IPublishedStore store, EnvelopeKey key, ulong owner, EnvelopeOutcome outcome, ReadOnlySpan<byte> envelope)
    {
        // A mined transaction leaves the nonce store only after this: a crash in between finds it in one of the two stores.
        if (!outcome.IsInDoubt)
            return store.EndAsync(key, owner, PublishedAnswer.Of(outcome, envelope), outcome.OnPersisted).AsTask();
        store.Abandon(key, owner);
        outcome.OnPersisted?.Invoke();
        return Task.CompletedTask;
    }

    private void Repeat(Request request, int place, PublishedAnswer answer)
    {
        metrics.Repeated(1);
        request.CountRepeated(place);
        request.Outcomes[place] = EnvelopeOutcome.Published(answer.Restore(request.Envelopes[place].Bytes.Span));
    }

    private EnvelopeOutcome Again(Request request, int place, int of)
    {
        var first = request.Outcomes[of];
        if (first.Error is { } error) return EnvelopeOutcome.Failed(error with { EnvelopeIndex = request.Envelopes[place].Index });
        metrics.Repeated(1);
        request.CountRepeated(place);
        return first;
    }

    private static EnvelopeKey[] KeysOf(PublishContext context)
    {
        var keys = new EnvelopeKey[context.Envelopes.Count];
        for (var i = 0; i < keys.Length; i++) keys[i] = EnvelopeKey.Of(context.Identity, context.Envelopes[i]);
        return keys;
    }

    private static List<int> FirstOfEachKey(Request request, out List<(int Place, int Of)>? repeats)
    {
        repeats = null;
        if (request.Keys.Length == 1) return [0];
        var first = new List<int>(request.Keys.Length);
        var seen = new Dictionary<EnvelopeKey, int>(request.Keys.Length);
        for (var i = 0; i < request.Keys.Length; i++)
        {
            if (seen.TryAdd(request.Keys[i], i)) first.Add(i);
            else (repeats ??= []).Add((i, seen[request.Keys[i]]));
        }

        return first;
    }

    private sealed record Request(
        PublishContext Attempt, IPublishedStore Store, EnvelopeKey[] Keys, PublishDeadline Deadline, CancellationToken Leaves)
    {
        private long _repeatedBytes;

        internal IReadOnlyList<ParsedEnvelope> Envelopes => Attempt.Envelopes;

        internal EnvelopeOutcome[] Outcomes { get; } = new EnvelopeOutcome[Attempt.Envelopes.Count];

        /// <summary>The bytes of the envelopes that were answered with an earlier result.</summary>
        internal long RepeatedBytes => Interlocked.Read(ref _repeatedBytes);

        internal void CountRepeated(int place) => Interlocked.Add(ref _repeatedBytes, Envelopes[place].Bytes.Length);

        internal void Fail(int place, PublishError error) =>
            Outcomes[place] = EnvelopeOutcome.Failed(error with { EnvelopeIndex = Envelopes[place].Index });
    }
}
