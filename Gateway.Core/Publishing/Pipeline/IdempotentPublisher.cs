using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Transactions;

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
    TimeSpan? storeWaitTimeout = null,
    IHeldBytes? bytes = null)
{
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
        : PublishManyAsync(new IdempotentRequest(
            context, store, IdempotentRequest.KeysOf(context), deadline, metrics, cancellationToken));

    private async ValueTask<EnvelopeOutcome[]> PublishAlwaysAsync(
        PublishContext context, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        var outcomes = await publishing.PublishAsync(context, deadline, cancellationToken).ConfigureAwait(false);
        foreach (var outcome in outcomes) _ = ReleaseAsync(outcome);
        return outcomes;
    }

    // Without a store there is nothing to persist, so the transaction is released at once.
    private static async Task ReleaseAsync(EnvelopeOutcome outcome) =>
        (outcome.Settles is { } settles ? await settles.ConfigureAwait(false) : outcome).OnPersisted?.Invoke();

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
            _ = charge?.RefundAsync();
            var request = new IdempotentRequest(context, remembers, [key], deadline, metrics, cancellationToken);
            return await CountRepetitionsAsync(
                request,
                claim.State == ClaimState.Unanswered
                    ? PublishWhenAnsweredAsync(request, [0], owner)
                    : PublishEachAsync(request)).ConfigureAwait(false);
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
            End(remembers, context.Identity, key, owner, outcome, envelope.Bytes);
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
            _ = charge?.RefundAsync();
            throw;
        }
    }

    private ValueTask<EnvelopeOutcome[]> PublishManyAsync(IdempotentRequest request) =>
        CountRepetitionsAsync(request, PublishEachAsync(request));

    // Repetitions take from their bound whatever comes of them, also when their caller has left: they take from no other.
    private async ValueTask<EnvelopeOutcome[]> CountRepetitionsAsync(IdempotentRequest request, Task publishing)
    {
        try
        {
            await publishing.ConfigureAwait(false);
            return request.Outcomes;
        }
        finally
        {
            if (request.RepeatedBytes > 0) repetitions?.Add(request.Context.Identity, request.RepeatedBytes);
        }
    }

    private async Task PublishEachAsync(IdempotentRequest request)
    {
        var first = request.FirstOfEachKey(out var repeats);
        await PublishAsync(request, first).ConfigureAwait(false);
        foreach (var (place, of) in repeats ?? []) request.RepeatFirst(place, of);
    }

    private async ValueTask PublishAsync(IdempotentRequest request, List<int> places)
    {
        var owner = Interlocked.Increment(ref _owners);
        var claiming = request.Store.ClaimAsync(places.ConvertAll(place => request.Keys[place]), owner, request.CancellationToken);
        if (places.Count < request.Keys.Length)
        {
            await PublishAsync(request, places, await claiming.ConfigureAwait(false), owner).ConfigureAwait(false);
            return;
        }

        var (claims, charge) = await ClaimAndChargeAsync(claiming, request.Context, request.CancellationToken).ConfigureAwait(false);
        await PublishAsync(request, places, claims, owner, charge).ConfigureAwait(false);
    }

    // What another call was seen to publish may be published by now: it is published here only once the store has given the claim.
    private async ValueTask PublishAsync(
        IdempotentRequest request, List<int> places, Claim[] claims, ulong owner, PendingCharge? charge = null, bool wasBusy = false)
    {
        var mine = new List<int>(places.Count);
        List<int>? unanswered = null;
        List<int>? busy = null;
        List<Task>? others = null;
        for (var i = 0; i < claims.Length; i++)
        {
            var mayPublish = wasBusy ? claims[i].State == ClaimState.Mine : MayPublish(claims[i], request.Envelopes[places[i]]);
            if (mayPublish) mine.Add(places[i]);
            else if (claims[i].State == ClaimState.Published) request.Repeat(places[i], claims[i].Answer);
            else if (claims[i].State == ClaimState.AnswerGone) request.FailRepeated(places[i], IdempotencyErrors.PublishedBefore);
            else if (claims[i].State == ClaimState.NoRoom) request.FailNotRemembered(places[i]);
            else if (claims[i].State == ClaimState.Unanswered) (unanswered ??= []).Add(places[i]);
            else (busy ??= []).Add(places[i]);
        }

        if (busy is not null) (others ??= []).Add(WaitAsync(request, busy));
        if (unanswered is not null) (others ??= []).Add(PublishWhenAnsweredAsync(request, unanswered, owner));
        if (charge is not null && mine.Count < places.Count)
        {
            // The part that is published is charged after this, and must find the room that the whole request took.
            await charge.RefundAsync().ConfigureAwait(false);
            charge = null;
        }

        if (mine.Count > 0) await PublishMineAsync(request, mine, owner, charge).ConfigureAwait(false);
        if (others is not null) await Task.WhenAll(others).ConfigureAwait(false);
    }

    private static bool MayPublish(Claim claim, ParsedEnvelope envelope) =>
        claim.State == ClaimState.Mine || (claim.State == ClaimState.Unanswered && envelope.Destination != Destination.AppChain);

    // All of them together, since envelopes of one topic must keep their order. A store that stays unavailable is not
    // waited for beyond the store timeout: a resend succeeds as soon as the store is back.
    private async Task PublishWhenAnsweredAsync(IdempotentRequest request, List<int> places, ulong owner)
    {
        var left = request.Deadline.Remaining;
        using var timeout = new CancellationTokenSource(left < _storeWaitTimeout ? left : _storeWaitTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, request.CancellationToken);
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
                request.Fail(place, request.LeftOr(IdempotencyErrors.StoreUnavailable));
            }

            return;
        }

        await PublishAsync(request, places, claims, owner).ConfigureAwait(false);
    }

    private async Task<Claim[]> ClaimWhenAnsweredAsync(
        IdempotentRequest request, List<int> places, ulong owner, CancellationToken timeoutToken)
    {
        for (var pause = FirstPause; ; pause = DoublingPause.After(pause, MaxPause))
        {
            await Task.Delay(pause, time, timeoutToken).ConfigureAwait(false);
            var claims = await request.Store.ClaimAsync(
                places.ConvertAll(place => request.Keys[place]), owner, timeoutToken).ConfigureAwait(false);
            if (claims.All(claim => claim.State != ClaimState.Unanswered)) return claims;
        }
    }

    // One wait for all envelopes of a request that other calls publish.
    private async Task WaitAsync(IdempotentRequest request, List<int> places)
    {
        var (identity, count) = (request.Context.Identity, places.Count);
        if (!_waiting.TryEnter(identity, count))
        {
            foreach (var place in places) request.FailRepeated(place, IdempotencyErrors.TooManyWait);
            return;
        }

        var ended = new List<Task>();
        using var timeout = new CancellationTokenSource(request.Deadline.Remaining, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, request.CancellationToken);
        try
        {
            while (places.Count > 0) places = await WaitAsync(request, places, ended, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            foreach (var place in places) request.FailRepeated(place, request.LeftOr(IdempotencyErrors.StillInFlight));
        }
        finally
        {
            _waiting.Leave(identity, count);
        }

        await Task.WhenAll(ended).ConfigureAwait(false);
    }

    // Returns those that are still busy. The others are published in the meantime.
    private async ValueTask<List<int>> WaitAsync(
        IdempotentRequest request, List<int> places, List<Task> ended, CancellationToken timeoutToken)
    {
        var free = await request.Store.WaitAsync(places.ConvertAll(place => request.Keys[place]), timeoutToken).ConfigureAwait(false);
        var owner = Interlocked.Increment(ref _owners);
        var claims = await request.Store.ClaimAsync(
            [.. free.Select(i => request.Keys[places[i]])], owner, request.CancellationToken).ConfigureAwait(false);
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

        if (next.Count > 0) ended.Add(PublishAsync(request, next, [.. nextClaims], owner, wasBusy: true).AsTask());
        return busy;
    }

    private async ValueTask PublishMineAsync(IdempotentRequest request, List<int> mine, ulong owner, PendingCharge? charge)
    {
        var ended = Array.Empty<EnvelopeOutcome>();
        try
        {
            var all = request.Context;
            var part = mine.Count == all.Envelopes.Count ? all : publishing.Part(all, mine.ConvertAll(place => all.Envelopes[place]));
            ended = await publishing.PublishAsync(part, request.Deadline, request.CancellationToken, charge).ConfigureAwait(false);
        }
        finally
        {
            var known = new List<EndedClaim>(mine.Count);
            for (var i = 0; i < mine.Count; i++)
            {
                if (i < ended.Length) request.Outcomes[mine[i]] = ended[i];
                var (key, outcome, bytes) = (
                    request.Keys[mine[i]], i < ended.Length ? ended[i] : default, request.Envelopes[mine[i]].Bytes);
                if (outcome is { Settles: null, IsInDoubt: false })
                    known.Add(new EndedClaim(key, PublishedAnswer.Of(outcome, bytes.Span), outcome.OnPersisted));
                else
                    End(request.Store, request.Context.Identity, key, owner, outcome, bytes);
            }

            if (known.Count > 0) _ = request.Store.EndAsync(known, owner).AsTask();
        }
    }

    // The caller does not wait until the store has recorded the end: until then the claim stands.
    private void End(
        IPublishedStore store,
        ClientIdentity caller,
        EnvelopeKey key,
        ulong owner,
        EnvelopeOutcome outcome,
        ReadOnlyMemory<byte> envelope)
    {
        if (outcome.Settles is { } settles) _ = SettleAsync(store, caller, key, owner, settles, envelope.ToArray());
        else _ = store.EndAsync(key, owner, outcome, PublishedAnswer.Of(outcome, envelope.Span)).AsTask();
    }

    private async Task SettleAsync(
        IPublishedStore store,
        ClientIdentity caller,
        EnvelopeKey key,
        ulong owner,
        Task<EnvelopeOutcome> settles,
        byte[] envelope)
    {
        using var held = bytes?.Hold(caller, envelope.Length);
        var outcome = await settles.ConfigureAwait(false);
        await store.EndAsync(key, owner, outcome, PublishedAnswer.Of(outcome, envelope)).ConfigureAwait(false);
    }
}
