using StackExchange.Redis;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.ChainWatcher.Checkpoints;

/// <summary>Checkpoints in Redis, for several watchers, of which the holder of a lease is the only one that can write.</summary>
/// <remarks>
/// The lease expires by the store's clock. Each new holder gets a higher number, and a write names it: a holder that
/// was suspended while its lease expired can no longer write. All keys hash to one slot.
/// </remarks>
internal sealed class RedisStore(Func<IDatabase> database, string prefix, TimeSpan lease, TimeProvider time) : IWatcherStore
{
    private readonly string _prefix = prefix;
    private readonly TimeSpan _lease = lease;
    private readonly TimeProvider _time = time;
    // No answer is of use after the lease.
    private readonly RedisCalls _redis = new(() => new(database()), lease, time);

    /// <inheritdoc/>
    public bool IsShared => true;

    private RedisKey LeaseKey => _prefix + ":lease";

    /// <inheritdoc/>
    public async Task<ILeadership?> TryLeadAsync(CancellationToken cancellationToken)
    {
        var owner = Guid.NewGuid().ToString("N");
        var asked = _time.GetTimestamp();
        var number = await AcquireAsync(owner) ?? throw NoAnswer();
        return number == 0 ? null : new Leadership(this, owner, number, asked);
    }

    // Null when the store does not answer.
    private async Task<long?> AcquireAsync(string owner) =>
        (long?)await RunAsync(CheckpointScripts.Acquire, [LeaseKey], [owner, (long)_lease.TotalMilliseconds]);

    // Runs to its end even if the caller cancels: the store may have executed it.
    private ValueTask<RedisResult?> RunAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments) =>
        _redis.RunAsync(script, keys, arguments, CancellationToken.None);

    private static WatcherStoreException NoAnswer() => new("Redis does not answer");

    private sealed class Leadership : ILeadership
    {
        private readonly CancellationTokenSource _lost = new();
        private readonly CancellationTokenSource _ending = new();
        private readonly RedisStore _store;
        private readonly string _owner;
        private readonly long _number;
        private readonly Task _renewing;
        private long _heldSince;

        public Leadership(RedisStore store, string owner, long number, long heldSince)
        {
            _store = store;
            _owner = owner;
            _number = number;
            _heldSince = heldSince;
            _renewing = RenewAsync();
        }

        public CancellationToken Lost => _lost.Token;

        public bool StoreAnswers { get; private set; } = true;

        public async Task<string?> LoadAsync(string name, CancellationToken cancellationToken)
        {
            var (isAnswered, value) = await _store._redis.AskAsync(redis => redis.StringGetAsync(KeyOf(name)), CancellationToken.None);
            return isAnswered ? value : throw NoAnswer();
        }

        public async Task<bool> SaveAsync(string name, string json, CancellationToken cancellationToken)
        {
            var kept = (long?)await _store.RunAsync(
                CheckpointScripts.Save, [_store.LeaseKey, KeyOf(name)], [_owner, _number, json]);
            StoreAnswers = kept is not null;
            if (kept == 0) await _lost.CancelAsync();
            return kept == 1;
        }

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            await _renewing;
            // Without an answer the lease expires by itself.
            await _store.RunAsync(CheckpointScripts.Release, [_store.LeaseKey], [_owner]);
            _ending.Dispose();
            _lost.Dispose();
        }

        private RedisKey KeyOf(string name) => $"{_store._prefix}:{name}";

        // Renewed three times per lease. A lease that could not be renewed counts as lost before it expires in the
        // store.
        private async Task RenewAsync()
        {
            while (!_ending.IsCancellationRequested)
            {
                await Task.Delay(_store._lease / 3, _store._time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_ending.IsCancellationRequested) return;
                var asked = _store._time.GetTimestamp();
                var now = await _store.AcquireAsync(_owner);
                StoreAnswers = now is not null;
                if (now == _number) _heldSince = asked;
                else if (now is not null) await _lost.CancelAsync();
                if (_store._time.GetElapsedTime(_heldSince) >= _store._lease * 0.9) await _lost.CancelAsync();
            }
        }
    }
}
