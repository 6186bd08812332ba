namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// This process's memory in front of the shared store: repetitions within one process need no Redis, and are still
/// detected when it is unavailable.
/// </summary>
internal sealed class TieredPublishedStore(MemoryPublishedStore memory, RedisPublishedStore redis)
    : IPublishedStore, IDisposable, IAsyncDisposable
{
    public async ValueTask<Claim> ClaimAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        var claim = memory.Claim(key, owner, isTentative: true);
        if (claim.State != ClaimState.Mine) return claim;
        return await KeepAsync(
            key,
            owner,
            await OrReleaseAsync(
                redis.ClaimAsync(key, owner, cancellationToken), [key], owner).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public async ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken)
    {
        var claims = memory.Claim(keys, owner, isTentative: true);
        var asked = Enumerable.Range(0, claims.Length).Where(i => claims[i].State == ClaimState.Mine).ToList();
        if (asked.Count == 0) return claims;
        var unknown = asked.ConvertAll(i => keys[i]);
        var shared = await OrReleaseAsync(redis.ClaimAsync(unknown, owner, cancellationToken), unknown, owner).ConfigureAwait(false);
        for (var i = 0; i < asked.Count; i++) claims[asked[i]] = await KeepAsync(keys[asked[i]], owner, shared[i]).ConfigureAwait(false);
        return claims;
    }

    public async ValueTask<Claim> SeizeAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        // A caller whose Redis call is still pending has sent nothing, and waits for this owner from now on.
        var claim = memory.Seize(key, owner, out var from);
        if (from is { } waits) _ = redis.EndAsync(key, waits, null).AsTask();
        return claim.State == ClaimState.Mine
            ? await KeepAsync(key, owner, await redis.SeizeAsync(key, owner, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false)
            : claim;
    }

    public async ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer, Action? onPersisted = null)
    {
        // Memory never waits, and Redis reads the answer before it waits.
        await memory.EndAsync(key, owner, answer).ConfigureAwait(false);
        await redis.EndAsync(key, owner, answer, onPersisted).ConfigureAwait(false);
    }

    public void Abandon(EnvelopeKey key, ulong owner)
    {
        // Only Redis knows how long the claim lasts, and another replica may take it over.
        _ = memory.EndAsync(key, owner, null).AsTask();
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

    // A caller that left during the Redis call must leave no claims behind.
    private async ValueTask<T> OrReleaseAsync<T>(ValueTask<T> asked, IReadOnlyList<EnvelopeKey> keys, ulong owner)
    {
        try
        {
            return await asked.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // All at once, so that they go in few requests.
            await Task.WhenAll(keys.Select(key => EndAsync(key, owner, null).AsTask())).ConfigureAwait(false);
            throw;
        }
    }

    // What another replica holds or published is not claimed here. Without an answer the claim stays here and its owner
    // retries. A claim that was seized during the Redis call is released in Redis too.
    private async ValueTask<Claim> KeepAsync(EnvelopeKey key, ulong owner, Claim shared)
    {
        switch (shared.State)
        {
            case ClaimState.Published:
                await memory.EndAsync(key, owner, shared.Answer).ConfigureAwait(false);
                return shared;
            case ClaimState.Busy or ClaimState.AnswerGone:
                await memory.EndAsync(key, owner, null).ConfigureAwait(false);
                return shared;
        }

        if (shared.State == ClaimState.Mine ? memory.Confirm(key, owner) : memory.IsHeldBy(key, owner)) return shared;
        await redis.EndAsync(key, owner, null).ConfigureAwait(false);
        return new Claim(ClaimState.Busy);
    }
}
