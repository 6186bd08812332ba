using System.Runtime.CompilerServices;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// This process's memory in front of the shared store: repetitions within one process need no Redis, and are still
/// detected when it is unavailable.
/// </summary>
internal sealed class TieredPublishedStore(MemoryPublishedStore memory, RedisPublishedStore redis)
    : IPublishedStore, IDisposable, IAsyncDisposable
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Claim> ClaimAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        var claim = memory.Claim(key, owner, isTentative: true);
        if (claim.State != ClaimState.Mine) return claim;
        Claim shared;
        try
        {
            shared = await redis.ClaimAsync(key, owner, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A caller that left during the Redis call must leave no claim behind.
            await EndAsync(key, owner, null).ConfigureAwait(false);
            throw;
        }

        return await KeepAsync(key, owner, shared).ConfigureAwait(false);
    }

    public async ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken)
    {
        var claims = memory.Claim(keys, owner, isTentative: true);
        if (AreMine(claims)) return await ClaimSharedAsync(keys, owner, cancellationToken).ConfigureAwait(false);
        var asked = Enumerable.Range(0, claims.Length).Where(i => claims[i].State == ClaimState.Mine).ToList();
        if (asked.Count == 0) return claims;
        var shared = await ClaimSharedAsync(asked.ConvertAll(i => keys[i]), owner, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < asked.Count; i++) claims[asked[i]] = shared[i];
        return claims;
    }

    public async ValueTask<Claim> TakeOverAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        // A caller whose Redis call is still pending has sent nothing, and waits for this owner from now on.
        var claim = memory.Seize(key, owner, out var from);
        if (from is { } waits) _ = redis.EndAsync(key, waits, null).AsTask();
        return claim.State == ClaimState.Mine
            ? await KeepAsync(
                key, owner, await redis.TakeOverAsync(key, owner, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false)
            : claim;
    }

    // Memory never waits, and Redis reads the answer before it waits.
    public ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer, Action? onPersisted = null)
    {
        memory.End(key, owner, answer);
        return redis.EndAsync(key, owner, answer, onPersisted);
    }

    public ValueTask EndAsync(IReadOnlyList<EndedClaim> ended, ulong owner)
    {
        memory.End(ended, owner);
        return redis.EndAsync(ended, owner);
    }

    public void Abandon(EnvelopeKey key, ulong owner)
    {
        // Only Redis knows how long the claim lasts, and another replica may take it over.
        memory.End(key, owner, null);
        redis.Abandon(key, owner);
    }

    public bool IsSure(EnvelopeKey key) => redis.IsSure(key);

    public bool AreSure => redis.AreSure;

    // A claim that another replica holds is briefly claimed here whenever a copy queries Redis. That must not wake the
    // other copies, or they would query endlessly. So only Redis is checked, unless all of them are being published here.
    public ValueTask<IReadOnlyList<int>> WaitAsync(IReadOnlyList<EnvelopeKey> keys, CancellationToken cancellationToken)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (!memory.IsBusy(keys[i])) return redis.WaitAsync(keys, memory.IsPublished, cancellationToken);
        }

        return memory.WaitAsync(keys, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => redis.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => redis.DisposeAsync();

    // Claims in Redis what memory has claimed.
    private async ValueTask<Claim[]> ClaimSharedAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken)
    {
        Claim[] shared;
        try
        {
            shared = await redis.ClaimAsync(keys, owner, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // A caller that left during the Redis call must leave no claims behind. All at once, so that they go in few requests.
            await Task.WhenAll(keys.Select(key => EndAsync(key, owner, null).AsTask())).ConfigureAwait(false);
            throw;
        }

        if (AreMine(shared) && memory.Confirm(keys, owner)) return shared;
        for (var i = 0; i < shared.Length; i++) shared[i] = await KeepAsync(keys[i], owner, shared[i]).ConfigureAwait(false);
        return shared;
    }

    private static bool AreMine(Claim[] claims) => Array.TrueForAll(claims, claim => claim.State == ClaimState.Mine);

    // What another replica holds or published is not claimed here. Without an answer the claim stays here and its owner
    // retries. A claim that was seized during the Redis call is released in Redis too.
    private async ValueTask<Claim> KeepAsync(EnvelopeKey key, ulong owner, Claim shared)
    {
        switch (shared.State)
        {
            case ClaimState.Published:
                memory.End(key, owner, shared.Answer);
                return shared;
            case ClaimState.Busy or ClaimState.AnswerGone:
                memory.End(key, owner, null);
                return shared;
        }

        if (shared.State == ClaimState.Mine ? memory.Confirm(key, owner) : memory.IsHeldBy(key, owner)) return shared;
        await redis.EndAsync(key, owner, null).ConfigureAwait(false);
        return new Claim(ClaimState.Busy);
    }
}
