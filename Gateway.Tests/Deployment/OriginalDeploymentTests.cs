using System.Text.Json;
using System.Text.RegularExpressions;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>
/// The stock gateway with the arguments and variables of the original's deployments, seen in xmtp/xmtpd at 822ddc95 and
/// xmtp/xmtpd-infrastructure at 768ffe6a. Only the ports, the address that they are bound to and the values are the test's.
/// </summary>
public sealed partial class OriginalDeploymentTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Http => box.Network.ChainUrl.OriginalString;

    private string WebSocket => box.Network.ChainWebSocketUrl.OriginalString;

    [Fact]
    public async Task The_Helm_chart_s_pod_is_alive_by_gRPC_and_publishes()
    {
        var folder = Directory.CreateTempSubdirectory("contracts-");
        try
        {
            var file = Path.Combine(folder.FullName, "contracts.json");
            await File.WriteAllTextAsync(file, Contracts(), Ct);
            await using var redis = await RedisServer.StartAsync();
            await IsDropInAsync(
                ["--metrics.enable", "--metrics.metrics-address=127.0.0.1", "--metrics.metrics-port=0"],
                new()
                {
                    ["XMTPD_CONTRACTS_CONFIG_FILE_PATH"] = file,
                    ["XMTPD_PAYER_PRIVATE_KEY"] = Key,
                    ["XMTPD_REDIS_URL"] = $"redis://127.0.0.1:{redis.Port}",
                    ["XMTPD_APP_CHAIN_RPC_URL"] = Http,
                    ["XMTPD_APP_CHAIN_WSS_URL"] = WebSocket,
                    ["XMTPD_SETTLEMENT_CHAIN_RPC_URL"] = Http,
                    ["XMTPD_SETTLEMENT_CHAIN_WSS_URL"] = WebSocket,
                });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_npm_package_s_process_says_that_it_started_and_publishes()
    {
        await using var redis = await RedisServer.StartAsync();
        await IsDropInAsync(
            [],
            new()
            {
                ["XMTPD_API_ENABLE"] = "true",
                ["XMTPD_PAYER_ENABLE"] = "true",
                ["XMTPD_PAYER_PRIVATE_KEY"] = Key,
                ["XMTPD_REDIS_URL"] = $"redis://127.0.0.1:{redis.Port}",
                ["XMTPD_APP_CHAIN_RPC_URL"] = Http,
                ["XMTPD_APP_CHAIN_WSS_URL"] = WebSocket,
                ["XMTPD_SETTLEMENT_CHAIN_RPC_URL"] = Http,
                ["XMTPD_SETTLEMENT_CHAIN_WSS_URL"] = WebSocket,
                ["XMTPD_LOG_ENCODING"] = "json",
                ["XMTPD_LOG_LEVEL"] = "debug",
                ["XMTPD_CONTRACTS_CONFIG_JSON"] = Contracts(),
                ["XMTPD_PAYER_NODE_SELECTOR_STRATEGY"] = "stable",
            });
    }

    [Fact]
    public Task Three_contract_addresses_are_enough_and_the_log_says_what_is_off() => IsDropInAsync(
        [],
        new()
        {
            ["XMTPD_PAYER_PRIVATE_KEY"] = Key,
            ["XMTPD_APP_CHAIN_RPC_URL"] = Http,
            ["XMTPD_APP_CHAIN_WSS_URL"] = WebSocket,
            ["XMTPD_SETTLEMENT_CHAIN_RPC_URL"] = Http,
            ["XMTPD_SETTLEMENT_CHAIN_WSS_URL"] = WebSocket,
            ["XMTPD_APP_CHAIN_GROUP_MESSAGE_BROADCAST_ADDRESS"] = ChainAddresses.GroupMessageBroadcaster.ToString(),
            ["XMTPD_APP_CHAIN_IDENTITY_UPDATE_BROADCAST_ADDRESS"] = ChainAddresses.IdentityUpdateBroadcaster.ToString().ToLowerInvariant(),
            ["XMTPD_SETTLEMENT_CHAIN_NODE_REGISTRY_ADDRESS"] = "0x" + ChainAddresses.NodeRegistry.ToString()[2..].ToUpperInvariant(),
        },
        "--contracts.settlement-chain.rate-registry-address is not given",
        "--contracts.settlement-chain.payer-registry-address is not given");

    // Not the account of the network's own gateway.
    private static string Key => DevAccounts.PrivateKeys[3];

    private static string Contracts() => JsonSerializer.Serialize(new
    {
        appChainId = 31337,
        appChainDeploymentBlock = 0,
        settlementChainId = 31337,
        settlementChainDeploymentBlock = 0,
        groupMessageBroadcaster = ChainAddresses.GroupMessageBroadcaster.ToString(),
        identityUpdateBroadcaster = ChainAddresses.IdentityUpdateBroadcaster.ToString(),
        nodeRegistry = ChainAddresses.NodeRegistry.ToString(),
        rateRegistry = ChainAddresses.RateRegistry.ToString(),
        payerRegistry = ChainAddresses.PayerRegistry.ToString(),
        payerReportManager = ChainAddresses.PayerReportManager.ToString(),
    });

    private static async Task IsDropInAsync(string[] args, Dictionary<string, string> variables, params string[] lines)
    {
        await using var gateway = GatewayProcess.Start(
            [.. args, "--api.port=0", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--api.shutdown-delay=0"], variables);
        foreach (var line in lines) await gateway.ReadUntilAsync(line);
        var url = new Uri("http://" + MainPort().Match(await gateway.ReadUntilAsync("started api server")).Groups[1].Value);
        using var channel = GrpcChannel.ForAddress(url);
        var health = new Health.HealthClient(channel);
        await Eventually.IsAsync(
            async () => (await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Ct)).Status
                == HealthCheckResponse.Types.ServingStatus.Serving,
            "the probe succeeds");
        using var client = new GatewayClient(url, Speaks.Grpc);
        Assert.Single((await client.PublishAsync(Envelopes.Welcome())).OriginatorEnvelopes);
        Assert.Single((await client.PublishAsync(Envelopes.Commit((byte)variables.Count))).OriginatorEnvelopes);
        await gateway.SignalAsync("TERM");
        Assert.Equal(0, await gateway.WaitAsync());
    }

    [GeneratedRegex(@"Connect on (127\.0\.0\.1:\d+)")]
    private static partial Regex MainPort();
}
