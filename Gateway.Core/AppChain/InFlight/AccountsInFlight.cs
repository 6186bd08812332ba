using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.AppChain.InFlight;

/// <summary>
/// The accounts of several payers that had transactions in flight lately, of all replicas: one command of Redis tells which of thousands
/// have to be looked at for transactions of a lost process. <c>enter.lua</c> documents the layout. Thread-safe.
/// </summary>
/// <remarks>
/// It may lack an account: after Redis was emptied, where a release before this one sent the transaction, or where the entry got no
/// answer, as it may in a cluster whose other node answers. So all accounts are looked at now and then too.
/// </remarks>
internal sealed class AccountsInFlight
{
    /// <summary>How long an account stays though it has nothing in flight. Longer than an entry is trusted by its process.</summary>
    internal static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan EnteredFor = TimeSpan.FromMinutes(1);
    private static readonly string EnterScript = EmbeddedLua.Read(typeof(AccountsInFlight), "enter");
    private static readonly RedisScript ListScript = RedisScript.Read(typeof(AccountsInFlight), "list");
    private static readonly RedisScript LeaveScript = RedisScript.Read(typeof(AccountsInFlight), "leave");

    private readonly ConcurrentDictionary<EthereumAddress, long> _entered = new();
    private readonly RedisCalls _redis;
    private readonly RedisKey[] _keys;
    private readonly TimeProvider _time;

    /// <summary>Creates the record of one chain; it connects at first use.</summary>
    /// <param name="connect">Connects to the Redis database.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="chainId">The chain.</param>
    /// <param name="timeout">How long to wait for an answer. More than zero.</param>
    /// <param name="time">The clock of the waits.</param>
    internal AccountsInFlight(
        Func<Task<IDatabaseAsync>> connect, string keyPrefix, ulong chainId, TimeSpan timeout, TimeProvider time)
    {
        _redis = new(() => new(connect()), timeout, time);
        _keys = [$"{keyPrefix}in-flight:{chainId.ToString(CultureInfo.InvariantCulture)}"];
        _time = time;
    }

    /// <summary>
    /// Enters an account, unless it was a moment ago. It does not wait: what is sent on the same connection after that is carried out
    /// after it.
    /// </summary>
    internal void Enter(EthereumAddress account)
    {
        var now = _time.GetTimestamp();
        if (_entered.TryGetValue(account, out var at) && _time.GetElapsedTime(at, now) < EnteredFor) return;
        _entered[account] = now;
        _ = EnterAsync(account, now);
    }

    /// <summary>The accounts; null when Redis does not answer.</summary>
    internal async ValueTask<IReadOnlyList<AccountInFlight>?> ListAsync(CancellationToken cancellationToken)
    {
        if (await _redis.RunAsync(ListScript, _keys, [], cancellationToken).ConfigureAwait(false) is not { } answer) return null;
        var values = (string[])answer!;
        var now = Seconds(values[0]);
        List<AccountInFlight> accounts = [];
        foreach (var pair in values.Skip(1).Chunk(2))
        {
            if (!EthereumAddress.TryParse(pair[0], out var address)) continue;
            var at = Seconds(pair[1]);
            accounts.Add(new AccountInFlight(address, at, TimeSpan.FromSeconds(now - at)));
        }

        return accounts;
    }

    /// <summary>Takes accounts out that have nothing in flight, unless they were entered again.</summary>
    internal async ValueTask LeaveAsync(IReadOnlyList<AccountInFlight> accounts, CancellationToken cancellationToken)
    {
        RedisValue[] arguments = [.. accounts.SelectMany(one => new RedisValue[] { RedisTopicHolds.Name(one.Address), one.At })];
        await _redis.RunAsync(LeaveScript, _keys, arguments, cancellationToken).ConfigureAwait(false);
    }

    private async Task EnterAsync(EthereumAddress account, long at)
    {
        // By its text each time: by its hash a server that does not know it would get it once more, after what was sent meanwhile.
        var (isAnswered, _) = await _redis.AskAsync(
            store => store.ScriptEvaluateAsync(
                EnterScript, _keys, [RedisTopicHolds.Name(account)], CommandFlags.NoScriptCache),
            CancellationToken.None).ConfigureAwait(false);
        if (!isAnswered) _entered.TryRemove(new(account, at));
    }

    private static long Seconds(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
