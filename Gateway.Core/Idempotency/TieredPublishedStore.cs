namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// This process's memory in front of the store that replicas share: repetitions within one process need no Redis, and
/// survive its absence.
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
        // A caller that Redis has not answered yet has sent nothing, and waits for this owner from now on.
        var claim = memory.Seize(key, owner, out var from);
        if (from is { } waits) _ = redis.EndAsync(key, waits, null).AsTask();
        return claim.State == ClaimState.Mine
            ? await KeepAsync(key, owner, await redis.SeizeAsync(key, owner, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false)
            : claim;
    }

    public async ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer, Action? onPersisted = null)
    {
        // Memory never waits, and Redis has read the answer before it does.
        await memory.EndAsync(key, owner, answer).ConfigureAwait(false);
        await redis.EndAsync(key, owner, answer, onPersisted).ConfigureAwait(false);
    }

    public void Abandon(EnvelopeKey key, ulong owner)
    {
        // Redis alone knows how long it stands, and whoever takes it over may be another replica.
        _ = memory.EndAsync(key, owner, null).AsTask();
        redis.Abandon(key, owner);
    }

    public bool IsSure(EnvelopeKey key) => redis.IsSure(key);

    // What another replica has is claimed here for a moment whenever a copy asks Redis: such a claim must not wake the other
    // copies, or they would ask without end. So Redis alone is looked at, unless all of it is being published here.
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

    // A caller that left while Redis was asked leaves no claims behind.
    private async ValueTask<T> OrReleaseAsync<T>(ValueTask<T> asked, IReadOnlyList<EnvelopeKey> keys, ulong owner)
    {
        try
        {
            return await asked.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            foreach (var key in keys) await EndAsync(key, owner, null).ConfigureAwait(false);
            throw;
        }
    }

    // What another replica has, or had, is not ours to claim here. Without an answer the claim stands here: its owner asks
    // again. One that was seized while Redis was asked is given up there too.
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
