using System.Collections.Concurrent;
using StackExchange.Redis;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// Stores the results of published envelopes. A result that Redis did not accept is kept, and stored again by
/// <see cref="RetryAsync"/> until the window has passed. Thread-safe.
/// </summary>
internal sealed class RedisResults
{
    private readonly ConcurrentDictionary<(EnvelopeKey Key, ulong Owner), Unsaved> _unsaved = new();
    private readonly BatchedRequests<(EnvelopeKey Key, RedisValue Value), bool> _saves;
    private readonly RedisCalls _redis;
    private readonly RedisClaimFormat _format;
    private readonly HeldClaims _held;
    private readonly IdempotencyOptions _options;
    private readonly IdempotencyMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly RedisAnswers? _answers;
    private readonly RedisValue _window;

    /// <summary>Creates it without results.</summary>
    /// <param name="redis">The shared store.</param>
    /// <param name="format">The form of keys and values.</param>
    /// <param name="held">The claims, which end once their results are stored.</param>
    /// <param name="options">The window, and how many results are kept.</param>
    /// <param name="metrics">Counts results that are given up.</param>
    /// <param name="time">Measures the window.</param>
    /// <param name="answers">Where answers are kept; null to keep them with the claims.</param>
    internal RedisResults(
        RedisCalls redis,
        RedisClaimFormat format,
        HeldClaims held,
        IdempotencyOptions options,
        IdempotencyMetrics metrics,
        TimeProvider time,
        RedisAnswers? answers)
    {
        _redis = redis;
        _format = format;
        _held = held;
        _options = options;
        _metrics = metrics;
        _time = time;
        _answers = answers;
        _window = (long)options.Window.TotalMilliseconds;
        _saves = new(SaveBatchAsync, _ => false, (_, _) => { }, RedisPublishedStore.MaxKeysPerScript, RedisPublishedStore.MaxInFlight);
    }

    /// <summary>Whether all results are stored.</summary>
    internal bool AreSaved => _unsaved.IsEmpty;

    /// <summary>Ends a claim with its answer, which is read before this returns.</summary>
    internal async ValueTask EndAsync(EndedClaim claim, ulong owner)
    {
        var stored = claim.Answer!.Value.ToStoredBehind(RedisClaimFormat.Answered);
        if (_answers is not null) await KeepApartAsync(_answers, claim.Key, stored).ConfigureAwait(false);
        var isSaved = await _saves.AskAsync((claim.Key, ValueOf(stored)), CancellationToken.None).ConfigureAwait(false);
        End(claim, owner, stored, isSaved);
    }

    /// <summary>Ends claims with their answers, which are read before this returns.</summary>
    /// <param name="part">At most as many as one script takes, each with an answer.</param>
    /// <param name="owner">The owner of the claims.</param>
    internal async Task EndAsync(IReadOnlyList<EndedClaim> part, ulong owner)
    {
        var (names, arguments, stored) = (new RedisKey[part.Count], new RedisValue[part.Count + 1], new byte[part.Count][]);
        arguments[0] = _window;
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] = part[i].Answer!.Value.ToStoredBehind(RedisClaimFormat.Answered);
            names[i] = _format.KeyOf(part[i].Key);
            arguments[i + 1] = ValueOf(stored[i]);
        }

        if (_answers is { } apart)
            await Task.WhenAll(stored.Select((one, i) => KeepApartAsync(apart, part[i].Key, one).AsTask())).ConfigureAwait(false);
        var isSaved = await SaveAsync(names, arguments).ConfigureAwait(false);
        for (var i = 0; i < stored.Length; i++) End(part[i], owner, stored[i], isSaved);
    }

    /// <summary>Stores again what was not stored. One at a time.</summary>
    internal async Task RetryAsync()
    {
        foreach (var ((key, owner), unsaved) in _unsaved)
        {
            var isOld = _time.GetElapsedTime(unsaved.Since) >= _options.Window;
            if (!isOld && !await SaveAgainAsync(key, unsaved.Stored).ConfigureAwait(false)) return;
            _unsaved.TryRemove((key, owner), out _);
            _held.Remove(key, owner);
            unsaved.OnPersisted?.Invoke();
        }
    }

    private void End(EndedClaim claim, ulong owner, byte[] stored, bool isSaved)
    {
        if (!isSaved)
        {
            if (_unsaved.Count < _options.Capacity)
            {
                _unsaved[(claim.Key, owner)] = new Unsaved(stored, _time.GetTimestamp(), claim.OnPersisted);
                return;
            }

            _metrics.ForgottenEarly();
        }

        _held.Remove(claim.Key, owner);
        claim.OnPersisted?.Invoke();
    }

    // Whatever was answered before.
    private async ValueTask<bool> SaveAgainAsync(EnvelopeKey key, byte[] stored)
    {
        if (_answers is not null) await KeepApartAsync(_answers, key, stored).ConfigureAwait(false);
        return await SaveAsync([_format.KeyOf(key)], [_window, ValueOf(stored)], isUrgent: true).ConfigureAwait(false);
    }

    private RedisValue ValueOf(byte[] stored) => _answers is null ? stored : RedisClaimFormat.Published;

    // Before its envelope is marked as published, so that a process that finds the mark also finds the answer.
    private static ValueTask KeepApartAsync(RedisAnswers apart, EnvelopeKey key, byte[] stored) => apart.KeepAsync(key, stored.AsMemory(1));

    private async ValueTask<bool[]?> SaveBatchAsync(IReadOnlyList<(EnvelopeKey Key, RedisValue Value)> batch)
    {
        var (names, arguments) = (new RedisKey[batch.Count], new RedisValue[batch.Count + 1]);
        arguments[0] = _window;
        for (var i = 0; i < names.Length; i++) (names[i], arguments[i + 1]) = (_format.KeyOf(batch[i].Key), batch[i].Value);
        if (!await SaveAsync(names, arguments).ConfigureAwait(false)) return null;
        var saved = new bool[batch.Count];
        Array.Fill(saved, true);
        return saved;
    }

    private async ValueTask<bool> SaveAsync(RedisKey[] names, RedisValue[] arguments, bool isUrgent = false) =>
        await _redis.RunAsync(
            RedisPublishedScripts.Publish, names, arguments, CancellationToken.None, isUrgent).ConfigureAwait(false) is not null;

    // Its form behind the first byte.
    private readonly record struct Unsaved(byte[] Stored, long Since, Action? OnPersisted);
}
