using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The nonce store that replicas share. Redis 5 or later, or Garnet with transactional Lua.</summary>
/// <remarks>
/// Thread-safe. An operation is one script call, so it is carried out entirely or not at all; one that timed out may
/// still have been carried out, and can be repeated. <c>common.lua</c> documents the layout.
/// </remarks>
public sealed class RedisNonceStore : INonceStore
{
    private readonly Func<IDatabaseAsync> _redis;
    private readonly NonceStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly RedisKey[] _keys;
    private readonly string _lease;
    private readonly Action? _onInFlight;
    private volatile string _epoch = "none";

    /// <summary>Creates the store of one stream.</summary>
    /// <param name="redis">The Redis database.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="stream">The account and its chain, which are part of the keys.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="time">Measures the timeout of calls; never compared with the store's clock.</param>
    public RedisNonceStore(IDatabaseAsync redis, string keyPrefix, NonceStream stream, NonceStoreOptions options, TimeProvider time)
        : this(() => redis, keyPrefix, stream, options, time)
    {
    }

    /// <summary>Creates the store of one stream on a connection that may be replaced.</summary>
    /// <param name="redis">The Redis database.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="stream">The account and its chain, which are part of the keys.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="time">Measures the timeout of calls; never compared with the store's clock.</param>
    /// <param name="onInFlight">
    /// Called before a transaction is stored or entered again, and before leases are renewed; must neither wait nor throw. Null for
    /// nobody.
    /// </param>
    internal RedisNonceStore(
        Func<IDatabaseAsync> redis,
        string keyPrefix,
        NonceStream stream,
        NonceStoreOptions options,
        TimeProvider time,
        Action? onInFlight = null)
    {
        _redis = redis;
        _onInFlight = onInFlight;
        _options = options;
        _time = time;
        _keys = [KeyOf(keyPrefix, stream), TransactionsOf(keyPrefix, stream), $"{keyPrefix}mined:{{{stream}}}"];
        _lease = Milliseconds(options.Lease);
    }

    /// <summary>Whether a later release wrote the store, in a layout that this release does not know.</summary>
    internal static async Task<bool> IsNewerAsync(IDatabaseAsync redis, string keyPrefix, NonceStream stream) =>
        int.TryParse(
            (await redis.HashGetAsync(KeyOf(keyPrefix, stream), RedisScripts.LayoutField).ConfigureAwait(false)).ToString(),
            CultureInfo.InvariantCulture,
            out var layout)
        && layout > int.Parse(RedisScripts.Layout, CultureInfo.InvariantCulture);

    /// <summary>Finds the accounts that have a transaction in doubt, which a process sends, or none does any more.</summary>
    /// <param name="redis">The store.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="streams">The accounts. In a cluster one at a time, since their keys are in different slots.</param>
    /// <param name="isLost">Whether only those count whose lease has ended, so that no process sends them.</param>
    /// <param name="timeout">How long to wait for the answer. More than zero.</param>
    /// <param name="time">The clock of the timeout.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The places of these accounts in <paramref name="streams"/>.</returns>
    internal static async Task<IReadOnlyList<int>> FindInDoubtAsync(
        IDatabaseAsync redis,
        string keyPrefix,
        IReadOnlyList<NonceStream> streams,
        bool isLost,
        TimeSpan timeout,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        RedisKey[] keys = [.. streams.SelectMany(stream => new[] { KeyOf(keyPrefix, stream), TransactionsOf(keyPrefix, stream) })];
        var found = (RedisResult[])(await redis.ScriptEvaluateAsync(RedisScripts.Doubt, keys, [isLost ? "1" : "0"])
            .WaitForAnswerAsync(timeout, time, cancellationToken).ConfigureAwait(false))!;
        return [.. found.Select(place => (int)Number(place))];
    }

    // A cancellation carries the key of the payload that it cancels, but publishes nothing.
    private static string PayloadOf(TransactionAttempt attempt) =>
        attempt is { Kind: AttemptKind.Payload, PayloadKey: { } key } ? key.ToString() : "";

    private static RedisKey KeyOf(string keyPrefix, NonceStream stream) => $"{keyPrefix}nonces:{{{stream}}}";

    private static RedisKey TransactionsOf(string keyPrefix, NonceStream stream) => $"{keyPrefix}transactions:{{{stream}}}";

    /// <inheritdoc/>
    public async ValueTask<NonceStoreStatus> OpenAsync(
        ChainPosition chain, IReadOnlyList<NonceEntry> mine, CancellationToken cancellationToken)
    {
        if (mine.Count > 0) _onInFlight?.Invoke();
        List<RedisValue> arguments =
        [
            Guid.NewGuid().ToString("N"),
            chain.Genesis == default ? "" : chain.Genesis.ToString(),
            Text(chain.Mined),
            Text(chain.Pending),
            Milliseconds(_options.Settling),
            _lease,
            RedisScripts.Layout,
        ];
        foreach (var entry in mine)
        {
            arguments.AddRange([
                Text(entry.Nonce),
                RedisNonceEntry.Letter(entry.State),
                entry.Owner,
                RedisNonceEntry.Format(entry.Attempts),
                entry.Raw,
            ]);
        }
        var (status, values) = await RunAsync(RedisScripts.Open, arguments, cancellationToken).ConfigureAwait(false);
        if (status == NonceStoreStatus.Done) _epoch = values[1].ToString();
        return status;
    }

    /// <inheritdoc/>
    public async ValueTask<NonceReservation> ReserveAsync(NonceRequest request, CancellationToken cancellationToken)
    {
        var (status, values) = await RunAsync(
            RedisScripts.Reserve,
            [
                _epoch, request.Owner, _lease, request.Count, request.Above is { } above ? Text(above) : "",
                _options.MaxInFlight, request.GapsOnly ? "1" : "0",
            ],
            cancellationToken).ConfigureAwait(false);
        return status == NonceStoreStatus.Done ? new NonceReservation(status, Numbers(values)) : NonceReservation.None(status);
    }

    /// <inheritdoc/>
    public async ValueTask<RenewResult> RenewAsync(IReadOnlyList<(ulong Nonce, string Owner)> leases, CancellationToken cancellationToken)
    {
        if (leases.Count > 0) _onInFlight?.Invoke();
        List<RedisValue> arguments = [_epoch, _lease];
        foreach (var (nonce, owner) in leases) arguments.AddRange([Text(nonce), owner]);
        var (status, values) = await RunAsync(RedisScripts.Renew, arguments, cancellationToken).ConfigureAwait(false);
        return new RenewResult(status, status == NonceStoreStatus.Done ? Numbers(values) : []);
    }

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> ReleaseAsync(ulong nonce, string owner, CancellationToken cancellationToken) =>
        ChangeAsync(RedisScripts.Release, [_epoch, Text(nonce), owner], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> SignAsync(
        ulong nonce, string owner, TransactionAttempt attempt, ReadOnlyMemory<byte> raw, CancellationToken cancellationToken)
    {
        _onInFlight?.Invoke();
        return ChangeAsync(
            RedisScripts.Sign,
            [_epoch, Text(nonce), owner, _lease, attempt.Hash.ToString(), attempt.Format(), raw, PayloadOf(attempt)],
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> BroadcastAsync(ulong nonce, string owner, CancellationToken cancellationToken) =>
        ChangeAsync(RedisScripts.Broadcast, [_epoch, Text(nonce), owner], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> RefuseAsync(ulong nonce, string owner, CancellationToken cancellationToken) =>
        ChangeAsync(RedisScripts.Refuse, [_epoch, Text(nonce), owner], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> FinishAsync(ulong nonce, string owner, bool isKept, CancellationToken cancellationToken) =>
        ChangeAsync(
            RedisScripts.Finish, [_epoch, Text(nonce), isKept ? "1" : "0", _options.MaxMinedKept, owner], cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<ObserveResult> ObserveAsync(ChainPosition chain, CancellationToken cancellationToken)
    {
        var (status, values) = await RunAsync(
            RedisScripts.Observe,
            [_epoch, Text(chain.Mined), Text(chain.Pending), Milliseconds(_options.ReorgTimeout), _options.MaxMinedKept],
            cancellationToken).ConfigureAwait(false);
        return status == NonceStoreStatus.Done
            ? new ObserveResult(status, int.Parse(values[1].ToString(), CultureInfo.InvariantCulture), values[2].ToString() == "1")
            {
                Removed = [.. values.Skip(3).Select(value => RedisNonceEntry.ReadMined(value.ToString())).OfType<NonceEntry>()],
            }
            : new ObserveResult(status, 0, false);
    }

    /// <inheritdoc/>
    public async ValueTask<RestoreResult> RestoreAsync(ulong from, CancellationToken cancellationToken)
    {
        _onInFlight?.Invoke();
        var (status, values) = await RunAsync(
            RedisScripts.Restore, [_epoch, Text(from), _options.MaxMinedKept], cancellationToken).ConfigureAwait(false);
        return new RestoreResult(status, status == NonceStoreStatus.Done ? (int)Number(values[1]) : 0);
    }

    /// <inheritdoc/>
    public ValueTask<NonceEntries> AdoptAsync(string owner, int limit, CancellationToken cancellationToken) =>
        ReadAsync(RedisScripts.Adopt, [_epoch, owner, _lease, limit], cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NonceEntries> ListAsync(CancellationToken cancellationToken) =>
        ReadAsync(RedisScripts.List, [_epoch], cancellationToken);

    private async ValueTask<NonceStoreStatus> ChangeAsync(
        string script, IReadOnlyList<RedisValue> arguments, CancellationToken cancellationToken) =>
        (await RunAsync(script, arguments, cancellationToken).ConfigureAwait(false)).Status;

    private async ValueTask<NonceEntries> ReadAsync(string script, IReadOnlyList<RedisValue> arguments, CancellationToken cancellationToken)
    {
        var (status, values) = await RunAsync(script, arguments, cancellationToken).ConfigureAwait(false);
        if (status != NonceStoreStatus.Done) return NonceEntries.None(status);
        List<NonceEntry> entries = [];
        for (var i = 3; i + 2 < values.Length; i += 3)
            entries.Add(RedisNonceEntry.Read(Number(values[i]), values[i + 1].ToString(), (byte[]?)values[i + 2] ?? []));
        return new NonceEntries(status, entries, Number(values[1]), RedisNonceEntry.Time(values[2].ToString()));
    }

    private async ValueTask<(NonceStoreStatus Status, RedisResult[] Values)> RunAsync(
        string script, IReadOnlyList<RedisValue> arguments, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _redis().ScriptEvaluateAsync(script, _keys, [.. arguments])
                .WaitForAnswerAsync(_options.StoreTimeout, _time, cancellationToken).ConfigureAwait(false);
            var values = (RedisResult[])answer!;
            return (StatusOf(values[0].ToString()), values);
        }
        catch (Exception exception) when (StoreAnswers.IsFault(exception))
        {
            return (NonceStoreStatus.Unavailable, []);
        }
    }

    private static NonceStoreStatus StatusOf(string word) => word switch
    {
        "done" => NonceStoreStatus.Done,
        "full" => NonceStoreStatus.Full,
        "settling" => NonceStoreStatus.Settling,
        "notowner" => NonceStoreStatus.NotOwner,
        "used" => NonceStoreStatus.Used,
        "forgotten" => NonceStoreStatus.Forgotten,
        "newer" => NonceStoreStatus.Newer,
        "pending" => NonceStoreStatus.PayloadPending,
        _ => NonceStoreStatus.Unavailable,
    };

    private static ulong[] Numbers(RedisResult[] values) => [.. values.Skip(1).Select(Number)];

    private static ulong Number(RedisResult value) => ulong.Parse(value.ToString(), CultureInfo.InvariantCulture);

    private static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan span) => ((long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
