using System.Net;
using System.Text.Json;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>
/// A whole gateway while its Redis hangs, dies or is full: callers hear so at once, the operator once, and it goes on
/// when the store is back.
/// </summary>
public sealed class RedisUnavailableTests
{
    private const string Gone = "[1032]";
    private const string Back = "[1033]";

    // Far above what an answer may take, and far below what callers used to wait for.
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(50);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Redis_that_hangs_under_commits_is_UNAVAILABLE_at_once_and_the_first_commit_behind_it_is_mined()
    {
        await using var redis = await RedisServer.StartAsync();
        var logs = new CapturedLogs();
        await using var network = await StartAsync(redis, logs);
        using var channel = GrpcChannel.ForAddress(network.Gateway);
        await CommitAsync(channel, 1);

        // Some are on their way at each step when it hangs.
        var before = Enumerable.Range(10, 6).Select(i => StatusAsync(channel, (byte)i)).ToList();
        await redis.StopAsync();
        Assert.All(await Task.WhenAll(before), status => Assert.True(status is StatusCode.OK or StatusCode.Unavailable, $"{status}"));
        Assert.Equal(StatusCode.Unavailable, await StatusAsync(channel, 20));
        Assert.Single((await PublishAsync(channel, Envelopes.Welcome())).OriginatorEnvelopes);
        await IsDegradedAsync(network, channel);
        await logs.UntilAsync(() => Count(logs, Gone) > 0, Cancel);
        // The claims and nonces that it was asked for meanwhile are made when it goes on.
        foreach (var i in Enumerable.Range(21, 3)) Assert.Equal(StatusCode.Unavailable, await StatusAsync(channel, (byte)i));

        await redis.ContinueAsync();
        await logs.UntilAsync(() => Count(logs, Back) > 0, Cancel);
        await CommitAsync(channel, 20);
        await CommitAsync(channel, 30);
        Assert.Equal((1, 1), (Count(logs, Gone), Count(logs, Back)));
        Assert.DoesNotContain(
            logs.Lines, line => line.Contains("1032", StringComparison.Ordinal) && !line.Contains("Redis", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Redis_that_dies_under_commits_is_UNAVAILABLE_at_once_and_a_restarted_one_is_used()
    {
        await using var redis = await RedisServer.StartAsync();
        var logs = new CapturedLogs();
        await using var network = await StartAsync(redis, logs);
        using var channel = GrpcChannel.ForAddress(network.Gateway);
        await CommitAsync(channel, 1);
        await redis.KillAsync();
        foreach (var i in Enumerable.Range(2, 3)) Assert.Equal(StatusCode.Unavailable, await StatusAsync(channel, (byte)i));
        await IsDegradedAsync(network, channel);
        await logs.UntilAsync(() => Count(logs, Gone) > 0, Cancel);

        await redis.RestartAsync();
        await logs.UntilAsync(() => Count(logs, Back) > 0, Cancel);
        await CommitAsync(channel, 2);
        Assert.Equal((1, 1), (Count(logs, Gone), Count(logs, Back)));
    }

    [Fact]
    public async Task A_full_Redis_refuses_commits_at_once_and_takes_them_when_it_has_room()
    {
        await using var redis = await RedisServer.StartAsync();
        var logs = new CapturedLogs();
        await using var network = await StartAsync(redis, logs);
        using var channel = GrpcChannel.ForAddress(network.Gateway);
        await CommitAsync(channel, 1);
        await redis.AskAsync("CONFIG", "SET", "maxmemory", "1");
        Assert.Equal(StatusCode.Unavailable, await StatusAsync(channel, 2));
        Assert.Single((await PublishAsync(channel, Envelopes.Welcome())).OriginatorEnvelopes);
        await IsDegradedAsync(network, channel);
        await logs.UntilAsync(() => Count(logs, "[1030]") > 0, Cancel);

        await redis.AskAsync("CONFIG", "SET", "maxmemory", "0");
        await logs.UntilAsync(() => Count(logs, "[1031]") > 0, Cancel);
        await CommitAsync(channel, 2);
    }

    private static Task<DevNetwork> StartAsync(RedisServer redis, CapturedLogs logs) => DevNetwork.StartAsync(
        new DevNetOptions
        {
            Nodes = 1,
            GatewayArguments = ["--redis.redis-url", $"redis://127.0.0.1:{redis.Port}", "--log.log-level=info"],
            ConfigureLogging = logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(logs),
        },
        Cancel);

    private static int Count(CapturedLogs logs, string id) =>
        logs.Lines.Count(line => line.Contains($"SharedStoreWatch{id}", StringComparison.Ordinal));

    // Degraded is ready: replicas that all left the balancer with their store would help nobody.
    private static async Task IsDegradedAsync(DevNetwork network, GrpcChannel channel)
    {
        using var http = new HttpClient();
        await Eventually.IsAsync(
            async () =>
            {
                using var answer = await http.GetAsync(new Uri(network.Gateway, "/readyz"), Cancel);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement
                    .GetProperty("status")
                    .GetString() == "degraded";
            },
            "readiness says degraded");
        var health = await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest(), cancellationToken: Cancel);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    private static async Task CommitAsync(GrpcChannel channel, byte seed) => Assert.Equal(StatusCode.OK, await StatusAsync(channel, seed));

    private static async Task<StatusCode> StatusAsync(GrpcChannel channel, byte seed)
    {
        try
        {
            await PublishAsync(channel, Envelopes.Commit(seed));
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
    }

    private static async Task<PublishClientEnvelopesResponse> PublishAsync(GrpcChannel channel, ClientEnvelope envelope) =>
        await new PayerApi.PayerApiClient(channel).PublishClientEnvelopesAsync(
            Envelopes.Request(envelope),
            new CallOptions(deadline: TimeProvider.System.GetUtcNow().Add(MaxWait).UtcDateTime, cancellationToken: Cancel));
}
