using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>The record of topics that replicas share; <c>take.lua</c> documents the layout.</summary>
internal sealed class RedisTopicHolds : ITopicHolds
{
    // Longer than any call is under way.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private static readonly RedisScript Take = RedisScript.Read(typeof(RedisTopicHolds), "take");
    private static readonly RedisScript Keep = RedisScript.Read(typeof(RedisTopicHolds), "keep");
    private static readonly RedisScript End = RedisScript.Read(typeof(RedisTopicHolds), "end");

    private readonly RedisCalls _redis;
    private readonly NonceStoreOptions _options;
    private readonly string _key;
    private string _life = "";

    /// <summary>Creates the record of one payer; it connects at first use.</summary>
    /// <param name="connect">Connects to the Redis database.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="payer">The payer and its chain.</param>
    /// <param name="options">The lease, and the timeout of a call.</param>
    /// <param name="time">Measures timeouts.</param>
    internal RedisTopicHolds(
        Func<Task<IDatabaseAsync>> connect, string keyPrefix, NonceStream payer, NonceStoreOptions options, TimeProvider time)
    {
        _redis = new(() => new(connect()), options.StoreTimeout, time);
        _options = options;
        _key = $"{keyPrefix}senders:{{{payer}}}";
    }

    /// <inheritdoc/>
    public async ValueTask<HoldAnswer> TakeAsync(HoldRequest request, CancellationToken cancellationToken)
    {
        List<RedisValue> arguments = [.. Times, NewLife(), request.IsInDoubt ? "1" : "0", request.Ids.Count];
        foreach (var id in request.Ids) arguments.Add(id);
        arguments.Add(request.Ended.Count);
        foreach (var (id, until) in request.Ended) arguments.AddRange([id, until]);
        foreach (var candidate in request.Candidates) arguments.Add(Name(candidate));
        var answer = await _redis.RunAsync(
            Take, [_key, TopicKey(request.Topic)], [.. arguments], cancellationToken).ConfigureAwait(false);
        if (answer is null) return HoldAnswer.Unavailable;
        var values = (string[])answer!;
        switch (values[0])
        {
            case "settling":
                return new HoldAnswer(HoldStatus.Settling, null, []);
            case "ended":
                return new HoldAnswer(
                    HoldStatus.Ended, values[1], [.. values.Skip(2).Chunk(2).Select(pair => (pair[0], pair[1]))]);
            default:
                // One that was known stays until the calls that were entered in that life are renewed.
                Interlocked.CompareExchange(ref _life, values[2], "");
                return new HoldAnswer(HoldStatus.Done, values[1], []);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyCollection<string>?> RenewAsync(
        IReadOnlyCollection<HeldCall> held, IReadOnlyCollection<EthereumAddress> unavailable, CancellationToken cancellationToken)
    {
        List<RedisValue> arguments = [.. Times, NewLife(), Volatile.Read(ref _life), unavailable.Count];
        foreach (var sender in unavailable) arguments.Add(Name(sender));
        foreach (var call in held) arguments.AddRange([Name(call.Sender), call.Id]);
        var answer = await _redis.RunAsync(
            Keep, [_key, .. held.Select(call => (RedisKey)TopicKey(call.Topic))], [.. arguments], cancellationToken).ConfigureAwait(false);
        if (answer is null) return null;
        var values = (string[])answer!;
        Volatile.Write(ref _life, values[1]);
        return values[2..];
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ReleaseAsync(string topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        await _redis.RunAsync(
            End, [TopicKey(topic)], [.. ids.Select(id => (RedisValue)id)], cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>The name of a sender in the store.</summary>
    internal static string Name(EthereumAddress sender) => $"0x{Convert.ToHexStringLower(sender.Bytes)}";

    private RedisValue[] Times => [Milliseconds(_options.Settling), Milliseconds(_options.Lease), Milliseconds(Kept)];

    private string TopicKey(string topic) => $"{_key}:{topic}";

    private static RedisValue NewLife() => Guid.NewGuid().ToString("N");

    private static string Milliseconds(TimeSpan span) => ((long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
