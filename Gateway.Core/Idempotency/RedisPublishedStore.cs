using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The store that replicas share.</summary>
/// <remarks>
/// A claim lives for the lease and is renewed while its owner works; a process that is gone holds up a resend no longer
/// than that. Redis that does not answer is left alone for a moment, and the claims are granted: whoever is in front of
/// this store still keeps one process from publishing twice.
/// </remarks>
internal sealed class RedisPublishedStore : IPublishedStore, IDisposable
{
    private const int KeysAScript = 500;
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(400);

    private readonly string process = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<(EnvelopeKey Key, ulong Owner), long> held = new();
    private readonly Func<IDatabaseAsync> redis;
    private readonly string prefix;
    private readonly IdempotencyOptions options;
    private readonly IdempotencyMetrics metrics;
    private readonly TimeProvider time;
    private readonly ITimer renewal;
    private long awayUntil = long.MinValue;

    /// <summary>The store of one payer on one network.</summary>
    /// <param name="redis">The store; asked at first use.</param>
    /// <param name="keyPrefix">What every key begins with; it names the payer and the chain.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="metrics">Counts what is not answered.</param>
    /// <param name="time">Bounds waits; never compared with the store's clock.</param>
    internal RedisPublishedStore(Func<IDatabaseAsync> redis, string keyPrefix, IdempotencyOptions options, IdempotencyMetrics metrics, TimeProvider time)
    {
        (this.redis, prefix, this.options, this.metrics, this.time) = (redis, keyPrefix, options, metrics, time);
        renewal = time.CreateTimer(_ => _ = RenewAsync(), null, options.Lease / 3, options.Lease / 3);
    }

    public async ValueTask<Claim> ClaimAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        // Nearly every claim is the first of its envelope, and a plain command costs the store less than a script.
        var isFirst = await AskAsync(store => store.StringSetAsync(KeyOf(key), "c" + OwnerOf(owner), options.Lease, When.NotExists), cancellationToken);
        if (isFirst) return Hold(key, owner);
        var answer = await RunAsync(RedisPublishedScripts.Claim, [KeyOf(key)], [OwnerOf(owner), Milliseconds(options.Lease)], cancellationToken);
        return Read(key, owner, answer?[0]);
    }

    public async ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken)
    {
        var claims = new Claim[keys.Count];
        var parts = new List<Task>(1);
        for (var from = 0; from < keys.Count; from += KeysAScript) parts.Add(ClaimPartAsync(keys, from, Math.Min(KeysAScript, keys.Count - from), owner, claims, cancellationToken));
        await Task.WhenAll(parts);
        return claims;
    }

    public async ValueTask<Claim> SeizeAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(RedisPublishedScripts.Seize, [KeyOf(key)], [OwnerOf(owner), Milliseconds(options.Lease)], cancellationToken);
        return Read(key, owner, answer);
    }

    public async ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer)
    {
        held.TryRemove((key, owner), out _);
        if (answer is { } published) await RunAsync(RedisPublishedScripts.Publish, [KeyOf(key)], [OwnerOf(owner), Milliseconds(options.Window), published.ToStored()], CancellationToken.None);
        else await RunAsync(RedisPublishedScripts.Release, [KeyOf(key)], [OwnerOf(owner)], CancellationToken.None);
    }

    public void Abandon(EnvelopeKey key, ulong owner) => held.TryRemove((key, owner), out _);

    public async ValueTask WaitAsync(EnvelopeKey key, CancellationToken cancellationToken)
    {
        for (var pause = FirstLook; ; pause = pause * 2 < LongestLook ? pause * 2 : LongestLook)
        {
            await Task.Delay(pause, time, cancellationToken);
            var value = await AskAsync(store => store.StringGetAsync(KeyOf(key)), cancellationToken);
            if (value is not { IsNull: false } found || !found.ToString().StartsWith('c')) return;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => renewal.Dispose();

    private async Task ClaimPartAsync(IReadOnlyList<EnvelopeKey> keys, int from, int count, ulong owner, Claim[] claims, CancellationToken cancellationToken)
    {
        var names = new RedisKey[count];
        for (var i = 0; i < count; i++) names[i] = KeyOf(keys[from + i]);
        var answer = await RunAsync(RedisPublishedScripts.Claim, names, [OwnerOf(owner), Milliseconds(options.Lease)], cancellationToken);
        for (var i = 0; i < count; i++) claims[from + i] = Read(keys[from + i], owner, answer is null ? null : answer[i]);
    }

    // No answer grants the claim: a store that is away stops nobody from publishing.
    private Claim Read(EnvelopeKey key, ulong owner, RedisResult? value)
    {
        switch ((byte[]?)value)
        {
            case [(byte)'b']:
                return new Claim(ClaimState.Busy);
            case [(byte)'d', .. var stored] when PublishedAnswer.TryRead(stored, out var answer):
                return new Claim(ClaimState.Published, answer);
            default:
                return Hold(key, owner);
        }
    }

    private Claim Hold(EnvelopeKey key, ulong owner)
    {
        held[(key, owner)] = time.GetTimestamp();
        return new Claim(ClaimState.Mine);
    }

    private async Task RenewAsync()
    {
        foreach (var ((key, owner), since) in held)
            if (time.GetElapsedTime(since) >= options.Lease / 3 && held.ContainsKey((key, owner)))
                await RunAsync(RedisPublishedScripts.Renew, [KeyOf(key)], [OwnerOf(owner), Milliseconds(options.Lease)], CancellationToken.None);
    }

    private Task<RedisResult?> RunAsync(string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken) =>
        AskAsync<RedisResult>(store => store.ScriptEvaluateAsync(script, keys, arguments), cancellationToken);

    private async Task<T?> AskAsync<T>(Func<IDatabaseAsync, Task<T>> ask, CancellationToken cancellationToken)
    {
        if (time.GetTimestamp() < Volatile.Read(ref awayUntil)) return default;
        try
        {
            return await ask(redis()).WaitAsync(options.StoreTimeout, time, cancellationToken);
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException)
        {
            metrics.StoreFailed();
            Volatile.Write(ref awayUntil, time.GetTimestamp() + (long)(options.StoreTimeout.TotalSeconds * time.TimestampFrequency));
            return default;
        }
    }

    private RedisKey KeyOf(EnvelopeKey key) => prefix + key;

    private string OwnerOf(ulong owner) => string.Create(CultureInfo.InvariantCulture, $"{process}:{owner}");

    private static RedisValue Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;
}
