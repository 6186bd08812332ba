using Grpc.Core;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>
/// A whole gateway while its Redis runs and refuses: commits are refused at once, messages are published, the operator reads the
/// error, and everything goes on when the server serves again.
/// </summary>
public sealed class RedisRefusalTests : IDisposable
{
    private readonly CapturedLogs _logs = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("LOADING", "LOADING")]
    [InlineData("BUSY", "BUSY")]
    [InlineData("MASTERDOWN", "")]
    [InlineData("READONLY", "READONLY")]
    [InlineData("NOREPLICAS", "NOREPLICAS")]
    [InlineData("MISCONF", "MISCONF")]
    [InlineData("NOPERM", "NOPERM")]
    [InlineData("CLUSTERDOWN", "CLUSTERDOWN")]
    [InlineData("password", "password")]
    [InlineData("maxclients", "")]
    public async Task A_Redis_that_refuses_makes_commits_UNAVAILABLE_until_it_serves_again(string error, string word)
    {
        await using var redis = await RedisRefusals.StartAsync(error);
        await using var network = await StartAsync(redis.Port);
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Commit(1));

        await redis.BeginAsync(error);
        await Eventually.IsAsync(
            async () => await StatusAsync(client, Envelopes.Commit(2)) == StatusCode.Unavailable, "commits are refused");
        Assert.Equal(StatusCode.OK, await StatusAsync(client, Envelopes.Welcome(3)));
        using var http = new HttpClient();
        await Eventually.IsAsync(
            async () => (await http.GetStringAsync(new Uri(network.Metrics!, "/readyz"), Cancel)).Contains(word, StringComparison.Ordinal)
                && Count("[1032]") > 0,
            $"readiness names {word}");
        Assert.Equal(StatusCode.Unavailable, await StatusAsync(client, Envelopes.Commit(2)));

        await redis.EndAsync(error);
        await _logs.UntilAsync(() => Count("[1033]") > 0, Cancel);
        await UntilPublishedAsync(client, Envelopes.Commit(2));
        await client.PublishAsync(Envelopes.Commit(4));
        Assert.Equal(1, Count("[1033]"));
        Assert.InRange(Count("[1032]"), 1, 2);
    }

    [Fact]
    public async Task Connections_that_lead_to_a_machine_without_power_are_replaced()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var proxy = new TcpFaultProxy(redis.Port);
        await using var network = await StartAsync(proxy.Port);
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Commit(1));
        proxy.SilenceAll();
        await UntilPublishedAsync(client, Envelopes.Commit(2));
        await client.PublishAsync(Envelopes.Commit(3));
        await _logs.UntilAsync(() => Count("[1033]") > 0, Cancel);
        Assert.Equal((1, 1), (Count("[1032]"), Count("[1033]")));
    }

    [Fact]
    public async Task A_user_with_the_documented_rights_is_sufficient()
    {
        await using var redis = await RedisServer.StartAsync();
        var line = (await File.ReadAllLinesAsync(Path.Combine(ToolsFolder.Repository!, "docs", "deploy.md"), Cancel))
            .Single(one => one.StartsWith("ACL SETUSER xmtpd", StringComparison.Ordinal));
        using (var administrator = await RedisLine.ConnectAsync(redis.Port))
            Assert.Equal("+OK", await administrator.AskAsync(line.Replace("PASSWORD", "secret", StringComparison.Ordinal)));
        await using var network = await StartAsync(redis.Port, "xmtpd:secret@");
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Commit(1), Envelopes.Welcome(2), Envelopes.Identity(3));
        using var http = new HttpClient();
        Assert.DoesNotContain(
            "degraded", await http.GetStringAsync(new Uri(network.Metrics!, "/readyz"), Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain(_logs.Lines, each => each.Contains("NOPERM", StringComparison.Ordinal));
    }

    public void Dispose() => _logs.Dispose();

    private Task<DevNetwork> StartAsync(int port, string user = "") => DevNetwork.StartAsync(
        new DevNetOptions
        {
            Nodes = 1,
            GatewayArguments =
            [
                "--redis.redis-url", $"redis://{user}127.0.0.1:{port}", "--redis.connect-timeout=2m", "--log.log-level=info",
            ],
            ConfigureLogging = logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(_logs),
        },
        Cancel);

    private int Count(string id) => _logs.Lines.Count(line => line.Contains($"SharedStoreWatch{id}", StringComparison.Ordinal));

    private static async Task<StatusCode> StatusAsync(GatewayClient client, ClientEnvelope envelope)
    {
        try
        {
            await client.PublishAsync(envelope);
            return StatusCode.OK;
        }
        catch (RpcException exception)
        {
            return exception.StatusCode;
        }
    }

    private static Task UntilPublishedAsync(GatewayClient client, ClientEnvelope envelope) =>
        Eventually.IsAsync(async () => await StatusAsync(client, envelope) == StatusCode.OK, "it is published");
}
