using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>The record that replicas share; <c>common.lua</c> documents the layout.</summary>
internal sealed class RedisFundingLedger : IFundingLedger
{
    /// <summary>How long after a transfer its sender gets none: longer than an endpoint usually lags.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);
    private static readonly RedisScript Read = RedisScript.Read(typeof(RedisFundingLedger), "common", "read");
    private static readonly RedisScript Take = RedisScript.Read(typeof(RedisFundingLedger), "common", "take");
    private static readonly RedisScript Spend = RedisScript.Read(typeof(RedisFundingLedger), "common", "spend");
    private static readonly RedisScript Refund = RedisScript.Read(typeof(RedisFundingLedger), "common", "refund");
    private static readonly RedisScript Release = RedisScript.Read(typeof(RedisFundingLedger), "common", "release");

    private readonly RedisCalls _redis;
    private readonly RedisKey[] _keys;
    private readonly TimeSpan _lease;

    /// <summary>Creates the record of one payer; it connects at first use.</summary>
    /// <param name="connect">Connects to the Redis database.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="payer">The payer and its chain.</param>
    /// <param name="options">The lease, and the timeout of a call.</param>
    /// <param name="time">Measures timeouts.</param>
    internal RedisFundingLedger(
        Func<Task<IDatabaseAsync>> connect, string keyPrefix, NonceStream payer, NonceStoreOptions options, TimeProvider time)
    {
        _redis = new(() => new(connect()), options.StoreTimeout, time);
        _keys = [$"{keyPrefix}funding:{{{payer}}}"];
        _lease = options.Lease;
    }

    /// <inheritdoc/>
    public async ValueTask<ulong?> ReadAsync(CancellationToken cancellationToken) =>
        await _redis.RunAsync(Read, _keys, [], cancellationToken).ConfigureAwait(false) is { } answer
            ? Number(((string[])answer!)[0])
            : null;

    /// <inheritdoc/>
    public async ValueTask<FundingStatus> TakeAsync(string owner, CancellationToken cancellationToken) =>
        await _redis.RunAsync(
            Take, _keys, [owner, Milliseconds(_lease), Milliseconds(Kept)], cancellationToken).ConfigureAwait(false) is { } answer
            ? StatusOf(((string[])answer!)[0])
            : FundingStatus.Unavailable;

    /// <inheritdoc/>
    public async ValueTask<FundingGrant> SpendAsync(FundingRequest request, CancellationToken cancellationToken)
    {
        RedisValue[] arguments =
        [
            request.Owner, Milliseconds(_lease), Milliseconds(Kept), RedisTopicHolds.Name(request.Sender), Milliseconds(Pause),
            Text(request.Amount), Text(request.MinAmount), Text(request.MaxPerDay),
        ];
        if (await _redis.RunAsync(Spend, _keys, arguments, cancellationToken).ConfigureAwait(false) is not { } answer)
            return FundingGrant.Unavailable;
        var values = (string[])answer!;
        return new FundingGrant(
            StatusOf(values[0]), Number(values[1]), Number(values[2]), long.Parse(values[3], CultureInfo.InvariantCulture));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RefundAsync(FundingGrant grant, EthereumAddress sender) =>
        await _redis.RunAsync(
            Refund,
            _keys,
            [Text(grant.Amount), grant.Day.ToString(CultureInfo.InvariantCulture), RedisTopicHolds.Name(sender)],
            CancellationToken.None).ConfigureAwait(false) is not null;

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(string owner) =>
        await _redis.RunAsync(Release, _keys, [owner], CancellationToken.None).ConfigureAwait(false);

    private static FundingStatus StatusOf(string status) => status switch
    {
        "done" => FundingStatus.Done,
        "capped" => FundingStatus.Capped,
        "recent" => FundingStatus.Recent,
        _ => FundingStatus.Busy,
    };

    private static ulong Number(string text) => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static RedisValue Text(ulong amount) => amount.ToString(CultureInfo.InvariantCulture);

    private static RedisValue Milliseconds(TimeSpan span) => Text((ulong)span.TotalMilliseconds);
}
