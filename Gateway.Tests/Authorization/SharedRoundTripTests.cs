using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization;

/// <summary>Claims and charges of one publish, in one Redis, side by side.</summary>
public sealed partial class SharedRoundTripTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static int _made;

    private static Xmtp.Gateway.Protocol.Wire.PublishClientEnvelopesRequest New(int count)
    {
        var first = Interlocked.Add(ref _made, count) - count;
        return Envelopes.Request([.. Enumerable.Range(first, count).Select(i => Envelopes.Welcome((byte)i, 2000 + (i / 256)))]);
    }

    private Task<RulesGateway> ReplicaAsync(
        int port, string limits, TimeSpan? claimTimeout = null, int? resultsPort = null) => RulesGateway.StartAsync(
        chain,
        claimTimeout is { } timeout
            ? rules => rules.Services.Configure<IdempotencyOptions>(options => options.StoreTimeout = timeout)
            : null,
        null,
        [
            $"--redis.redis-url=redis://127.0.0.1:{port}",
            "--limits.store-timeout=4m",
            .. resultsPort is null ? Array.Empty<string>() : [$"--redis.results-url=redis://127.0.0.1:{resultsPort}"],
            .. limits.Length == 0 ? Array.Empty<string>() : [$"--limits={limits}"],
        ]);

    private static async Task<long> ScriptsAsync(RedisServer redis) =>
        ScriptCalls().Matches(await redis.AskAsync("INFO", "commandstats"))
            .Sum(found => long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"cmdstat_eval(?:sha)?:calls=(\d+)")]
    private static partial Regex ScriptCalls();

    private static async Task<StatusCode> PublishAsync(
        RulesGateway gateway, Xmtp.Gateway.Protocol.Wire.PublishClientEnvelopesRequest request) =>
        (await gateway.PublishAsync(Form.Grpc, request)).Code;

    private static async Task<Dictionary<string, string>> ReadAsync(ConnectionMultiplexer redis, string part)
    {
        Dictionary<string, string> found = [];
        await foreach (var key in redis.GetServers()[0].KeysAsync(pattern: $"*{part}*"))
            found[key.ToString()] = (await redis.GetDatabase().StringGetAsync(key)).ToString();
        return found;
    }

    [Theory, InlineData(1), InlineData(3)]
    public async Task A_claim_and_its_charge_are_requested_concurrently(int envelopes)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var admin = await redis.ConnectAsync();
        await using var proxy = new TcpFaultProxy(redis.Port);
        await using var gateway = await ReplicaAsync(proxy.Port, "50/24h", TimeSpan.FromMinutes(4));
        Assert.Equal(StatusCode.OK, await PublishAsync(gateway, New(envelopes)));
        var before = await ReadAsync(admin, "{limits}");
        await Eventually.IsAsync(
            async () => (await ReadAsync(admin, "published:")).Values.All(value => value.StartsWith('d')), "the result is kept");

        proxy.Mode = ProxyMode.LoseAnswers;
        var publishing = PublishAsync(gateway, New(envelopes));

        await Eventually.IsAsync(
            async () => (await ReadAsync(admin, "published:")).Values.Count(value => value.StartsWith('c')) == envelopes, "it is claimed");
        await Eventually.IsAsync(async () => !(await ReadAsync(admin, "{limits}")).SequenceEqual(before), "it is charged");
        Assert.False(publishing.IsCompleted);
        proxy.Mode = ProxyMode.Cut;
        await publishing;
    }

    [Fact]
    public async Task What_another_replica_published_is_answered_over_the_limit_and_takes_from_none()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await ReplicaAsync(redis.Port, "3/24h");
        await using var other = await ReplicaAsync(redis.Port, "3/24h");
        var (first, second) = (New(1), New(1));
        Assert.Equal(StatusCode.OK, await PublishAsync(one, first));
        Assert.Equal(StatusCode.OK, await PublishAsync(other, first));
        // A batch of which one is known takes one: two of three are used then.
        Assert.Equal(StatusCode.OK, await PublishAsync(one, Envelopes.Request([.. first.Envelopes, .. second.Envelopes])));
        Assert.Equal(StatusCode.OK, await PublishAsync(other, Envelopes.Request([.. first.Envelopes, .. second.Envelopes])));
        var third = New(1);
        Assert.Equal(
            StatusCode.OK, await PublishAsync(other, Envelopes.Request([.. first.Envelopes, .. second.Envelopes, .. third.Envelopes])));
        Assert.Equal(StatusCode.ResourceExhausted, await PublishAsync(other, New(1)));

        Assert.Equal(StatusCode.OK, await PublishAsync(one, third));
        Assert.Equal(StatusCode.OK, await PublishAsync(one, Envelopes.Request([.. third.Envelopes, .. first.Envelopes])));
        Assert.Equal(3, one.Published + other.Published);
    }

    [Fact]
    public async Task A_repetition_whose_answer_was_evicted_gets_that_it_was_published_and_is_not_paid_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var results = await RedisServer.StartAsync();
        await using var admin = await results.ConnectAsync();
        await using var marks = await redis.ConnectAsync();
        await using var one = await ReplicaAsync(redis.Port, "3/24h", resultsPort: results.Port);
        await using var other = await ReplicaAsync(redis.Port, "3/24h", resultsPort: results.Port);
        var request = New(1);
        Assert.Equal(StatusCode.OK, await PublishAsync(one, request));
        await Eventually.IsAsync(async () => (await ReadAsync(marks, "published:")).Values.Single() == "p", "the mark is kept");
        await admin.GetServers().Single().FlushAllDatabasesAsync();

        var answer = await other.PublishAsync(Form.Grpc, request);
        Assert.Equal((StatusCode.FailedPrecondition, "ALREADY_PUBLISHED"), (answer.Code, answer.Detail<Google.Rpc.ErrorInfo>().Reason));
        Assert.Equal(StatusCode.OK, await PublishAsync(one, request));
        Assert.Equal(1, one.Published + other.Published);
        Assert.Equal(StatusCode.OK, await PublishAsync(other, New(2)));
    }

    [Fact]
    public async Task What_is_over_the_limit_leaves_no_claim_behind()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var admin = await redis.ConnectAsync();
        await using var limited = await ReplicaAsync(redis.Port, "1/24h");
        await using var free = await ReplicaAsync(redis.Port, "");
        Assert.Equal(StatusCode.OK, await PublishAsync(limited, New(1)));
        var request = New(3);
        Assert.Equal(StatusCode.ResourceExhausted, await PublishAsync(limited, New(1)));
        Assert.Equal(StatusCode.ResourceExhausted, await PublishAsync(limited, Envelopes.Request(request.Envelopes[0])));
        await Eventually.IsAsync(
            async () => (await ReadAsync(admin, "published:")).Values.All(value => value.StartsWith('d')), "no claim is left");
        Assert.Equal(StatusCode.OK, await PublishAsync(free, request));
    }

    [Fact]
    public async Task The_same_envelope_at_two_replicas_at_once_is_charged_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await ReplicaAsync(redis.Port, "20/24h");
        await using var other = await ReplicaAsync(redis.Port, "20/24h");
        for (var i = 0; i < 10; i++)
        {
            var request = New(1);
            Assert.Equal([StatusCode.OK, StatusCode.OK], await Task.WhenAll(PublishAsync(one, request), PublishAsync(other, request)));
        }

        Assert.Equal(10, one.Published + other.Published);
        // What the second of each pair took is on its way back when it is answered.
        await Eventually.IsAsync(async () => await PublishAsync(one, New(10)) == StatusCode.OK, "ten are left");
        Assert.Equal(StatusCode.ResourceExhausted, await PublishAsync(other, New(1)));
    }

    [Fact]
    public async Task What_was_not_sent_is_given_back_to_all_replicas()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await ReplicaAsync(redis.Port, "3/24h");
        await using var other = await ReplicaAsync(redis.Port, "3/24h");
        one.Network.SendsNot = _ => true;
        // What a call took is on its way back when it is answered.
        for (var i = 0; i < 6; i++)
            await Eventually.IsAsync(async () => await PublishAsync(one, New(3)) == StatusCode.Unavailable, "three are left again");
        await Eventually.IsAsync(async () => await PublishAsync(other, New(3)) == StatusCode.OK, "three are left");
        Assert.Equal(StatusCode.ResourceExhausted, await PublishAsync(one, New(1)));
    }

    [Fact]
    public async Task A_batch_of_ten_thousand_that_fails_needs_few_commands_and_leaves_no_claim()
    {
        const int Failed = 10_000;
        await using var redis = await RedisServer.StartAsync();
        await using var admin = await redis.ConnectAsync();
        await using var gateway = await ReplicaAsync(redis.Port, "20000/24h", TimeSpan.FromMinutes(1));
        gateway.Network.SendsNot = _ => true;
        var before = await ScriptsAsync(redis);
        var request = Envelopes.Request([.. Enumerable.Range(0, Failed).Select(i => Envelopes.Welcome((byte)i, 200 + (i / 256)))]);

        Assert.Equal(StatusCode.Unavailable, await PublishAsync(gateway, request));

        await Eventually.IsAsync(async () => (await ReadAsync(admin, "published:")).Count == 0, "no claim is left");
        Assert.InRange(await ScriptsAsync(redis) - before, Failed / 500, Failed / 20);
    }

    [Fact]
    public async Task A_charge_that_is_made_after_its_caller_gave_up_is_given_back()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var admin = await redis.ConnectAsync();
        await using var gateway = await ReplicaAsync(redis.Port, "1/24h", TimeSpan.FromMilliseconds(100));
        await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");
        Assert.Equal(
            StatusCode.DeadlineExceeded, (await gateway.PublishAsync(Form.ConnectProto, New(1), ("connect-timeout-ms", "1000"))).Code);
        await admin.GetDatabase().ExecuteAsync("CLIENT", "UNPAUSE");
        await Eventually.IsAsync(async () => await PublishAsync(gateway, New(1)) == StatusCode.OK, "one is left");
        Assert.Equal(1, gateway.Published);
        Assert.Equal(StatusCode.ResourceExhausted, await PublishAsync(gateway, New(1)));
    }
}
