using StackExchange.Redis;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// Keeps the bodies of answers on a separate server, which may evict them. Thread-safe; does not throw when that
/// server is unavailable.
/// </summary>
/// <param name="redis">The server; called at first use.</param>
/// <param name="keyPrefix">The prefix of every key.</param>
/// <param name="options">The timeouts and the window.</param>
/// <param name="metrics">Counts failed calls.</param>
/// <param name="time">Measures timeouts.</param>
internal sealed class RedisAnswers(
    Func<IDatabaseAsync> redis, string keyPrefix, IdempotencyOptions options, IdempotencyMetrics metrics, TimeProvider time)
{
    private readonly RedisCalls _redis = new(() => new(redis()), options.StoreTimeout, time, metrics.StoreFailed, options.StoreTimeout);

    /// <summary>Stores an answer for the window, if the server accepts it.</summary>
    internal async ValueTask KeepAsync(EnvelopeKey key, ReadOnlyMemory<byte> stored) =>
        await _redis.AskAsync(
            store => store.StringSetAsync(keyPrefix + key, stored, options.Window), CancellationToken.None).ConfigureAwait(false);

    /// <summary>
    /// Adds the bodies to claims that have none. A claim whose body the server has evicted or lost, or does not return,
    /// stays without.
    /// </summary>
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
