using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The store that replicas share.</summary>
/// <remarks>
/// A claim lasts for the lease and is renewed while its owner works; a lost process delays a resend at most for the
/// lease. After a failed call, Redis is not called for a short pause, and claims return Unanswered. As soon as it answers
/// again, what was claimed without it is claimed, and what was published is stored. A result that Redis did not accept is
/// kept and retried at each renewal until the window has passed.
/// </remarks>
internal sealed class RedisPublishedStore : IPublishedStore, IDisposable, IAsyncDisposable
{
    private const int MaxKeysPerScript = 500;
    private const int MaxKeysPerRead = 1_000;

    // All requests share one connection, so that a claim that waits for the one before shares the next with others: at
    // 64 callers a publish costs 11% less CPU than with four requests in flight, and takes less time.
    private const int MaxInFlight = 1;
    private static readonly RedisValue Claimed = "c";
    private static readonly TimeSpan LookPerKey = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan MaxLookupTime = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan MaxFinalSaveTime = TimeSpan.FromSeconds(5);

    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<(EnvelopeKey Key, ulong Owner), byte> _held = new();
    private readonly ConcurrentDictionary<(EnvelopeKey Key, ulong Owner), byte> _releasedMeanwhile = new();
    private readonly ConcurrentDictionary<EnvelopeKey, long> _sureUntil = new();
    private readonly ConcurrentDictionary<(EnvelopeKey Key, ulong Owner), UnsavedAnswer> _unsaved = new();
    private readonly ConcurrentDictionary<(EnvelopeKey Key, ulong Owner), long> _unreleased = new();
    private readonly RedisCalls _redis;
    private readonly string _prefix;
    private readonly IdempotencyOptions _options;
    private readonly IdempotencyMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly RedisAnswers? _answers;
    private readonly BatchedRequests<(EnvelopeKey Key, ulong Owner), Claim> _claims;
    private readonly BatchedRequests<(EnvelopeKey Key, RedisValue Value), bool> _saves;
    private readonly BatchedRequests<(EnvelopeKey Key, ulong Owner), bool> _releases;
    private readonly ITimer _renewal;
    private int _isRenewing;
    private int _isBack;
    private int _isSaving;
    private readonly Lock _confirming = new();
    private long _allSureUntil;
    private long _leastConfirmed = long.MaxValue;

    /// <summary>Creates the store of one payer on one network.</summary>
    /// <param name="redis">The Redis database; called at first use.</param>
    /// <param name="keyPrefix">The prefix of every key; identifies the payer and the chain.</param>
    /// <param name="options">The timeouts and the window.</param>
    /// <param name="metrics">Counts failed calls.</param>
    /// <param name="time">Measures timeouts; never compared with the store's clock.</param>
    /// <param name="answers">Where answers are kept; null to keep them with the claims.</param>
    internal RedisPublishedStore(
        Func<IDatabaseAsync> redis,
        string keyPrefix,
        IdempotencyOptions options,
        IdempotencyMetrics metrics,
        TimeProvider time,
        RedisAnswers? answers = null)
    {
        _answers = answers;
        _redis = new(
            () => new(redis()),
            options.StoreTimeout,
            time,
            metrics.StoreFailed,
            options.StoreTimeout,
            onBack: () => _ = CatchUpAsync(),
            isRepeatable: true);
        _prefix = keyPrefix;
        _options = options;
        _metrics = metrics;
        _time = time;
        _claims = new(
            ClaimBatchAsync, claim => Hold(claim.Key, claim.Owner, ClaimState.Unanswered, null), LeaveClaim, MaxKeysPerScript, MaxInFlight);
        _saves = new(SaveBatchAsync, save => false, (save, isSaved) => { }, MaxKeysPerScript, MaxInFlight);
        _releases = new(ReleaseBatchAsync, claim => false, (claim, isReleased) => { }, MaxKeysPerScript, MaxInFlight);
        _allSureUntil = SureUntil(time.GetTimestamp());
        _renewal = time.CreateTimer(_ => _ = TickAsync(), null, options.Renewal, options.Renewal);
    }

    public ValueTask<Claim> ClaimAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        var claiming = _claims.AskAsync((key, owner), cancellationToken);
        return _answers is null ? claiming : CompleteAsync(key, claiming, cancellationToken);
    }

    public async ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken)
    {
        var claims = new Claim[keys.Count];
        var parts = new List<Task>(1);
        for (var from = 0; from < keys.Count; from += MaxKeysPerScript)
            parts.Add(ClaimPartAsync(keys, from, Math.Min(MaxKeysPerScript, keys.Count - from), owner, claims, cancellationToken));
        await Task.WhenAll(parts).ConfigureAwait(false);
        if (_answers is not null) await _answers.CompleteAsync(keys, claims, cancellationToken).ConfigureAwait(false);
        return claims;
    }

    public async ValueTask<Claim> SeizeAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        var answer = await _redis.RunAsync(
            RedisPublishedScripts.Seize,
            [KeyOf(key)],
            [OwnerOf(owner), Milliseconds(_options.Lease)],
            cancellationToken).ConfigureAwait(false);
        return await CompleteAsync(key, new(Read(key, owner, answer, asked)), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer, Action? onPersisted = null)
    {
        if (answer?.ToStored() is not { } stored)
        {
            Abandon(key, owner);
            if (Volatile.Read(ref _isRenewing) != 0) _releasedMeanwhile[(key, owner)] = 0;
            // A hung store may still carry out the claim request later; the claim would then last for its lease.
            if (!await _releases.AskAsync((key, owner), CancellationToken.None).ConfigureAwait(false)
                && _unreleased.Count < _options.Capacity)
            {
                _unreleased[(key, owner)] = _time.GetTimestamp();
            }
        }
        else if (await SaveAsync(key, stored).ConfigureAwait(false))
        {
            Abandon(key, owner);
        }
        else if (_unsaved.Count < _options.Capacity)
        {
            _unsaved[(key, owner)] = new UnsavedAnswer(stored, _time.GetTimestamp(), onPersisted);
            return;
        }
        else
        {
            Abandon(key, owner);
            _metrics.ForgottenEarly();
        }

        onPersisted?.Invoke();
    }

    public void Abandon(EnvelopeKey key, ulong owner)
    {
        if (_held.TryRemove((key, owner), out _)) _sureUntil.TryRemove(key, out _);
    }

    public bool IsSure(EnvelopeKey key) => !_sureUntil.TryGetValue(key, out var until) || _time.GetTimestamp() < until;

    public bool AreSure => _time.GetTimestamp() < Volatile.Read(ref _allSureUntil);

    // All envelopes of a request are checked together; the more there are, the longer the pauses.
    public ValueTask<IReadOnlyList<int>> WaitAsync(IReadOnlyList<EnvelopeKey> keys, CancellationToken cancellationToken) =>
        WaitAsync(keys, _ => false, cancellationToken);

    /// <summary>
    /// Waits; also ends for envelopes that <paramref name="isPublished"/> reports, whether this store answers or not.
    /// </summary>
    internal async ValueTask<IReadOnlyList<int>> WaitAsync(
        IReadOnlyList<EnvelopeKey> keys, Func<EnvelopeKey, bool> isPublished, CancellationToken cancellationToken)
    {
        var longest = MaxLookupTime + (keys.Count * LookPerKey);
        for (var pause = FirstLook; ; pause = pause * 2 < longest ? pause * 2 : longest)
        {
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
            List<int>? free = null;
            for (var from = 0; from < keys.Count; from += MaxKeysPerRead)
            {
                var names = new RedisKey[Math.Min(MaxKeysPerRead, keys.Count - from)];
                for (var i = 0; i < names.Length; i++) names[i] = KeyOf(keys[from + i]);
                var found = await _redis.AskAsync(
                    store => store.StringGetAsync(names), cancellationToken, isRead: true).ConfigureAwait(false);
                if (found is not { IsAnswered: true, Value: { } values }) break;
                for (var i = 0; i < values.Length; i++)
                {
                    if (values[i].IsNull || !values[i].StartsWith(Claimed)) (free ??= []).Add(from + i);
                }
            }

            free ??= [.. Enumerable.Range(0, keys.Count).Where(i => isPublished(keys[i]))];
            if (free.Count > 0) return free;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _renewal.Dispose();

    /// <summary>Tries once more to store the results that the store did not accept.</summary>
    public async ValueTask DisposeAsync()
    {
        await _renewal.DisposeAsync().ConfigureAwait(false);
        await SaveAsync().WaitAsync(MaxFinalSaveTime, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async ValueTask<Claim> CompleteAsync(EnvelopeKey key, ValueTask<Claim> claiming, CancellationToken cancellationToken)
    {
        var claim = await claiming.ConfigureAwait(false);
        if (_answers is null || claim.State != ClaimState.AnswerGone) return claim;
        Claim[] one = [claim];
        await _answers.CompleteAsync([key], one, cancellationToken).ConfigureAwait(false);
        return one[0];
    }

    private async ValueTask<Claim[]?> ClaimBatchAsync(IReadOnlyList<(EnvelopeKey Key, ulong Owner)> batch)
    {
        var asked = _time.GetTimestamp();
        // Nearly every claim is the first for its envelope, and a plain command costs the store less than a script.
        if (batch is [var (key, owner)]
            && await _redis.AskAsync(
                store => store.StringSetAsync(KeyOf(key), "c" + OwnerOf(owner), _options.Lease, When.NotExists),
                CancellationToken.None).ConfigureAwait(false)
                is { IsAnswered: true, Value: true })
        {
            return [Hold(key, owner, ClaimState.Mine, asked)];
        }
        asked = _time.GetTimestamp();
        RedisValue[] arguments = [Milliseconds(_options.Lease), .. batch.Select(claim => (RedisValue)OwnerOf(claim.Owner))];
        var answer = await _redis.RunAsync(
            RedisPublishedScripts.Claim,
            [.. batch.Select(claim => KeyOf(claim.Key))],
            arguments,
            CancellationToken.None).ConfigureAwait(false);
        return answer is null ? null : [.. batch.Select((claim, i) => Read(claim.Key, claim.Owner, answer[i], asked))];
    }

    private void LeaveClaim((EnvelopeKey Key, ulong Owner) claim, Claim answer) => _ = EndAsync(claim.Key, claim.Owner, null).AsTask();

    private async ValueTask<bool[]?> SaveBatchAsync(IReadOnlyList<(EnvelopeKey Key, RedisValue Value)> batch) =>
        await PublishAsync(batch).ConfigureAwait(false) ? [.. batch.Select(_ => true)] : null;

    private async Task ClaimPartAsync(
        IReadOnlyList<EnvelopeKey> keys, int from, int count, ulong owner, Claim[] claims, CancellationToken cancellationToken)
    {
        var (names, arguments, asked) = (new RedisKey[count], new RedisValue[count + 1], _time.GetTimestamp());
        arguments.AsSpan(1).Fill(OwnerOf(owner));
        arguments[0] = Milliseconds(_options.Lease);
        for (var i = 0; i < count; i++) names[i] = KeyOf(keys[from + i]);
        var answer = await _redis.RunAsync(RedisPublishedScripts.Claim, names, arguments, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < count; i++) claims[from + i] = Read(keys[from + i], owner, answer is null ? null : answer[i], asked);
    }

    private Claim Read(EnvelopeKey key, ulong owner, RedisResult? value, long asked)
    {
        switch ((byte[]?)value)
        {
            case [(byte)'m']:
                return Hold(key, owner, ClaimState.Mine, asked);
            case [(byte)'b']:
                Abandon(key, owner);
                return new Claim(ClaimState.Busy);
            case [(byte)'d', .. var stored] when PublishedAnswer.TryRead(stored, out var answer):
                Abandon(key, owner);
                return new Claim(ClaimState.Published, answer);
            case [(byte)'p']:
                Abandon(key, owner);
                return new Claim(ClaimState.AnswerGone);
            default:
                // The claim may have been made; if it was not, the next renewal makes it.
                return Hold(key, owner, ClaimState.Unanswered, null);
        }
    }

    private Claim Hold(EnvelopeKey key, ulong owner, ClaimState state, long? asked)
    {
        _held[(key, owner)] = 0;
        if (asked is { } since) Confirm(key, since);
        return new Claim(state);
    }

    // The store counts the lease from when it receives the call, which is later than when the call was sent. A process that did not
    // run in between may read the answer after the lease, and a renewal under way does not have the claim.
    private void Confirm(EnvelopeKey key, long asked)
    {
        var until = SureUntil(asked);
        _sureUntil[key] = until;
        lock (_confirming)
        {
            _leastConfirmed = Math.Min(_leastConfirmed, until);
            if (until < _allSureUntil) Volatile.Write(ref _allSureUntil, until);
        }
    }

    private long SureUntil(long asked) => asked + (long)(_options.Lease.TotalSeconds * _time.TimestampFrequency);

    // A renewal under way may have begun before some of the claims: then it is made once more.
    private Task CatchUpAsync()
    {
        Interlocked.Exchange(ref _isBack, 1);
        return TickAsync();
    }

    private async Task TickAsync()
    {
        do
        {
            if (Interlocked.Exchange(ref _isRenewing, 1) != 0) return;
            Interlocked.Exchange(ref _isBack, 0);
            try
            {
                await RenewAsync().ConfigureAwait(false);
            }
            finally
            {
                _releasedMeanwhile.Clear();
                Interlocked.Exchange(ref _isRenewing, 0);
            }
        }
        while (Volatile.Read(ref _isBack) != 0);

        if ((_unsaved.IsEmpty && _unreleased.IsEmpty) || Interlocked.Exchange(ref _isSaving, 1) != 0) return;
        try
        {
            await ReleaseAsync().ConfigureAwait(false);
            await SaveAsync().ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isSaving, 0);
        }
    }

    private async Task RenewAsync()
    {
        var sureUntil = SureUntil(_time.GetTimestamp());
        lock (_confirming) _leastConfirmed = long.MaxValue;
        var areAllOurs = true;
        foreach (var part in _held.Keys.Chunk(MaxKeysPerScript))
        {
            RedisValue[] arguments = [Milliseconds(_options.Lease), .. part.Select(claim => (RedisValue)OwnerOf(claim.Owner))];
            var asked = _time.GetTimestamp();
            var answers = await _redis.RunAsync(
                RedisPublishedScripts.Renew,
                Array.ConvertAll(part, claim => KeyOf(claim.Key)),
                arguments,
                CancellationToken.None,
                isUrgent: true).ConfigureAwait(false);
            // The renewal may have renewed claims that were released in the meantime.
            var released = Array.FindAll(part, claim => _releasedMeanwhile.TryRemove(claim, out _));
            if (released.Length > 0 && !await ReleaseAsync(released).ConfigureAwait(false))
            {
                foreach (var claim in released) _unreleased[claim] = _time.GetTimestamp();
            }

            for (var i = 0; i < part.Length; i++)
            {
                if (answers is null || !_held.ContainsKey(part[i])) continue;
                if ((int)answers[i] == 1)
                {
                    Confirm(part[i].Key, asked);
                    continue;
                }

                _sureUntil[part[i].Key] = asked;
                areAllOurs = false;
            }

            if (answers is null) return;
        }

        lock (_confirming)
            Volatile.Write(ref _allSureUntil, areAllOurs ? Math.Min(sureUntil, _leastConfirmed) : long.MinValue);
    }

    private async ValueTask<bool[]?> ReleaseBatchAsync(IReadOnlyList<(EnvelopeKey Key, ulong Owner)> batch) =>
        await ReleaseAsync(batch).ConfigureAwait(false) ? [.. batch.Select(_ => true)] : null;

    // At most MaxKeysPerScript of them.
    private async ValueTask<bool> ReleaseAsync(IReadOnlyList<(EnvelopeKey Key, ulong Owner)> claims, bool isUrgent = false) =>
        await _redis.RunAsync(
            RedisPublishedScripts.Release,
            [.. claims.Select(claim => KeyOf(claim.Key))],
            [.. claims.Select(claim => (RedisValue)OwnerOf(claim.Owner))],
            CancellationToken.None,
            isUrgent).ConfigureAwait(false) is not null;

    // The store may still carry out an earlier call; the release undoes what it does late.
    private async Task ReleaseAsync()
    {
        foreach (var part in _unreleased.ToArray().Chunk(MaxKeysPerScript))
        {
            var late = Array.FindAll(part, release => _time.GetElapsedTime(release.Value) < _options.Window);
            var claims = Array.ConvertAll(late, release => release.Key);
            if (claims.Length > 0 && !await ReleaseAsync(claims, isUrgent: true).ConfigureAwait(false)) return;
            foreach (var (claim, _) in part) _unreleased.TryRemove(claim, out _);
        }
    }

    private async Task SaveAsync()
    {
        foreach (var (claim, unsaved) in _unsaved)
        {
            var isOld = _time.GetElapsedTime(unsaved.Since) >= _options.Window;
            if (!isOld && !await SaveAsync(claim.Key, unsaved.Stored, isUrgent: true).ConfigureAwait(false)) return;
            _unsaved.TryRemove(claim, out _);
            Abandon(claim.Key, claim.Owner);
            unsaved.OnPersisted?.Invoke();
        }
    }

    // The answer first, so that a process that finds the published mark also finds the answer.
    private async Task<bool> SaveAsync(EnvelopeKey key, byte[] stored, bool isUrgent = false)
    {
        if (_answers is not null) await _answers.KeepAsync(key, stored).ConfigureAwait(false);
        RedisValue value = _answers is null ? (byte[])[(byte)'d', .. stored] : "p";
        return isUrgent
            ? await PublishAsync([(key, value)], isUrgent).ConfigureAwait(false)
            : await _saves.AskAsync((key, value), CancellationToken.None).ConfigureAwait(false);
    }

    private async Task<bool> PublishAsync(IReadOnlyList<(EnvelopeKey Key, RedisValue Value)> batch, bool isUrgent = false) =>
        await _redis.RunAsync(
            RedisPublishedScripts.Publish,
            [.. batch.Select(one => KeyOf(one.Key))],
            [Milliseconds(_options.Window), .. batch.Select(one => one.Value)],
            CancellationToken.None,
            isUrgent).ConfigureAwait(false) is not null;

    private RedisKey KeyOf(EnvelopeKey key) => _prefix + key;

    private string OwnerOf(ulong owner) => string.Create(CultureInfo.InvariantCulture, $"{_process}:{owner}");

    private static RedisValue Milliseconds(TimeSpan span) => (long)span.TotalMilliseconds;

    private readonly record struct UnsavedAnswer(byte[] Stored, long Since, Action? OnPersisted);
}
