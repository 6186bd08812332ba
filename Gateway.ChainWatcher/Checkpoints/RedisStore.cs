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

    /// <inheritdoc/>
    public bool IsShared => true;

    private RedisKey LeaseKey => _prefix + ":lease";

    /// <inheritdoc/>
    public async Task<ILeadership?> TryLeadAsync(CancellationToken cancellationToken)
    {
        var owner = Guid.NewGuid().ToString("N");
        var asked = _time.GetTimestamp();
        var number = await AcquireAsync(owner);
        return number == 0 ? null : new Leadership(this, owner, number, asked);
    }

    private async Task<long> AcquireAsync(string owner) =>
        (long)await AskAsync(
            store => store.ScriptEvaluateAsync(CheckpointScripts.Acquire, [LeaseKey], [owner, (long)_lease.TotalMilliseconds]));

    private async Task<T> AskAsync<T>(Func<IDatabase, Task<T>> ask)
    {
        try
        {
            return await ask(database());
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            throw new WatcherStoreException($"Redis does not answer ({exception.GetType().Name})", exception);
        }
    }

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

        public async Task<string?> LoadAsync(string name, CancellationToken cancellationToken) =>
            await _store.AskAsync(redis => redis.StringGetAsync(KeyOf(name)));

        public async Task<bool> SaveAsync(string name, string json, CancellationToken cancellationToken)
        {
            try
            {
                var kept = (long)await _store.AskAsync(
                    redis => redis.ScriptEvaluateAsync(
                        CheckpointScripts.Save, [_store.LeaseKey, KeyOf(name)], [_owner, _number, json])) == 1;
                StoreAnswers = true;
                if (!kept) await _lost.CancelAsync();
                return kept;
            }
            catch (WatcherStoreException)
            {
                return StoreAnswers = false;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _ending.CancelAsync();
            await _renewing;
            try
            {
                await _store.AskAsync(redis => redis.ScriptEvaluateAsync(CheckpointScripts.Release, [_store.LeaseKey], [_owner]));
            }
            catch (WatcherStoreException)
            {
                // The lease expires by itself.
            }

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
                try
                {
                    var now = await _store.AcquireAsync(_owner);
                    StoreAnswers = true;
                    if (now == _number) _heldSince = asked;
                    else await _lost.CancelAsync();
                }
                catch (WatcherStoreException)
                {
                    StoreAnswers = false;
                }

                if (_store._time.GetElapsedTime(_heldSince) >= _store._lease * 0.9) await _lost.CancelAsync();
            }
        }
    }
}
