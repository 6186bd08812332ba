using StackExchange.Redis;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// The answers' bodies on a server of their own, which may evict them. Thread-safe; nothing here throws for a server
/// that is away.
/// </summary>
/// <param name="redis">The server; asked at first use.</param>
/// <param name="keyPrefix">What every key begins with.</param>
/// <param name="options">The bounds.</param>
/// <param name="metrics">Counts what is not answered.</param>
/// <param name="time">Bounds waits.</param>
internal sealed class RedisAnswers(
    Func<IDatabaseAsync> redis, string keyPrefix, IdempotencyOptions options, IdempotencyMetrics metrics, TimeProvider time)
{
    private readonly RedisCalls _redis = new(() => new(redis()), options.StoreTimeout, time, metrics.StoreFailed, options.StoreTimeout);

    /// <summary>Keeps what an answer is stored as for the window, if the server takes it.</summary>
    internal async ValueTask KeepAsync(EnvelopeKey key, byte[] stored) =>
        await _redis.AskAsync(
            store => store.StringSetAsync(keyPrefix + key, stored, options.Window), CancellationToken.None).ConfigureAwait(false);

    /// <summary>Finds the bodies of claims that have none. What the server evicted, lost or does not tell stays without.</summary>
    internal async ValueTask CompleteAsync(IReadOnlyList<EnvelopeKey> keys, Claim[] claims, CancellationToken cancellationToken)
    {
        List<int>? places = null;
        for (var i = 0; i < claims.Length; i++)
        {
            if (claims[i].State == ClaimState.AnswerGone) (places ??= []).Add(i);
        }

        if (places is null) return;
        RedisKey[] names = [.. places.Select(i => (RedisKey)(keyPrefix + keys[i]))];
        if ((await _redis.AskAsync(store => store.StringGetAsync(names), cancellationToken).ConfigureAwait(false)).Value is not { } bodies)
            return;
        for (var i = 0; i < bodies.Length; i++)
        {
            if ((byte[]?)bodies[i] is { } stored && PublishedAnswer.TryRead(stored, out var answer))
                claims[places[i]] = new Claim(ClaimState.Published, answer);
        }
    }
}
