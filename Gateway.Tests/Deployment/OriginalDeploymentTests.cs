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
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Http => box.Network.ChainUrl.OriginalString;

    private string WebSocket => box.Network.ChainWebSocketUrl.OriginalString;

    [Fact]
    public async Task The_Helm_chart_s_pod_is_alive_by_gRPC_and_publishes()
    {
        var folder = Directory.CreateTempSubdirectory("contracts-");
        try
        {
            var file = Path.Combine(folder.FullName, "contracts.json");
            await File.WriteAllTextAsync(file, Contracts(), Cancel);
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
    public async Task On_mainnet_the_Helm_chart_s_pod_needs_one_variable_more()
    {
        await using var mainnet = await RpcProxy.StartAsync(box.Network.ChainUrl);
        var id = (await RpcProxy.Result("0x2105"))!;
        mainnet.Fault = (method, _, forward) => method == "eth_chainId" ? Task.FromResult<string?>(id) : RpcProxy.Pass(forward);
        mainnet.SocketFault = (method, _) => method == "eth_chainId" ? id : null;
        await using var redis = await RedisServer.StartAsync();
        Dictionary<string, string> variables = new()
        {
            ["XMTPD_CONTRACTS_CONFIG_JSON"] = Contracts(settlementChain: 8453),
            ["XMTPD_PAYER_PRIVATE_KEY"] = Key,
            ["XMTPD_REDIS_URL"] = $"redis://127.0.0.1:{redis.Port}",
            ["XMTPD_APP_CHAIN_RPC_URL"] = Http,
            ["XMTPD_APP_CHAIN_WSS_URL"] = WebSocket,
            ["XMTPD_SETTLEMENT_CHAIN_RPC_URL"] = mainnet.Url.OriginalString,
            ["XMTPD_SETTLEMENT_CHAIN_WSS_URL"] = mainnet.WebSocketUrl.OriginalString,
        };
        await using (var refused = GatewayProcess.Start(
            ["--api.port=0", "--api.http-port=-1", "--api.bind-address=127.0.0.1"], variables))
        {
            Assert.Equal(2, await refused.WaitAsync());
            Assert.Contains("--auth.allow-all (XMTPD_AUTH_ALLOW_ALL): on mainnet everyone", refused.Errors, StringComparison.Ordinal);
        }

        variables["XMTPD_AUTH_ALLOW_ALL"] = "true";
        await IsDropInAsync([], variables);
    }

    [Fact]
    public async Task The_environment_file_of_its_local_network_starts_it_whatever_else_is_in_the_file()
    {
        await using var redis = await RedisServer.StartAsync();
        await IsDropInAsync(
            [],
            new()
            {
                ["XMTPD_DB_WRITER_CONNECTION_STRING"] = "postgres://postgres:xmtp@localhost:8765/postgres?sslmode=disable",
                ["PRIVATE_KEY"] = DevAccounts.PrivateKeys[0],
                ["RPC_URL"] = Http,
                ["WSS_URL"] = WebSocket,
                ["XMTPD_APP_CHAIN_RPC_URL"] = Http,
                ["XMTPD_SETTLEMENT_CHAIN_RPC_URL"] = Http,
                ["XMTPD_APP_CHAIN_WSS_URL"] = WebSocket,
                ["XMTPD_SETTLEMENT_CHAIN_WSS_URL"] = WebSocket,
                ["SETTLEMENT_RPC_URL"] = Http,
                ["APP_RPC_URL"] = Http,
                ["XMTPD_SIGNER_PRIVATE_KEY"] = DevAccounts.PrivateKeys[1],
                ["XMTPD_SIGNER_PUBLIC_KEY"] = "0x02ba5734d8f7091719471e7f7ed6b9df170dc70cc661ca05e688601ad984f068b0",
                ["XMTPD_SIGNER_ADDRESS"] = DevAccounts.Signer(1).Address.ToString(),
                ["XMTPD_MLS_VALIDATION_GRPC_ADDRESS"] = "http://localhost:60051",
                ["XMTPD_REDIS_URL"] = $"redis://localhost:{redis.Port}/0",
                ["XMTPD_PAYER_PRIVATE_KEY"] = Key,
                ["XMTPD_MIGRATION_PAYER_PRIVATE_KEY"] = DevAccounts.PrivateKeys[1],
                ["XMTPD_MIGRATION_NODE_SIGNING_KEY"] = DevAccounts.PrivateKeys[1],
                ["XMTPD_MIGRATION_CLIENT_FROM_NODE_ID"] = "100",
                ["XMTPD_REFLECTION_ENABLE"] = "true",
                ["XMTPD_CONTRACTS_ENVIRONMENT"] = "anvil",
                ["XMTPD_API_PORT"] = "5152",
            });
    }

    [Fact]
    public async Task The_npm_package_s_process_publishes_and_logs_what_the_package_counts()
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
            },
            [],
            ["received request", "publishing to originator", "received request", "publishing to blockchain"]);
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
        [
            "--contracts.settlement-chain.rate-registry-address is not given",
            "--contracts.settlement-chain.payer-registry-address is not given",
        ]);

    // Not the account of the network's own gateway.
    private static string Key => DevAccounts.PrivateKeys[3];

    private static string Contracts(ulong settlementChain = 31337) => JsonSerializer.Serialize(new
    {
        appChainId = 31337,
        appChainDeploymentBlock = 0,
        settlementChainId = settlementChain,
        settlementChainDeploymentBlock = 0,
        groupMessageBroadcaster = ChainAddresses.GroupMessageBroadcaster.ToString(),
        identityUpdateBroadcaster = ChainAddresses.IdentityUpdateBroadcaster.ToString(),
        nodeRegistry = ChainAddresses.NodeRegistry.ToString(),
        rateRegistry = ChainAddresses.RateRegistry.ToString(),
        payerRegistry = ChainAddresses.PayerRegistry.ToString(),
        payerReportManager = ChainAddresses.PayerReportManager.ToString(),
    });

    // The lines are those before it listens, and those of a message and a commit, in their order.
    private static async Task IsDropInAsync(
        string[] args, Dictionary<string, string> variables, string[]? lines = null, string[]? published = null)
    {
        await using var gateway = GatewayProcess.Start(
            [.. args, "--api.port=0", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--api.shutdown-delay=0"], variables);
        foreach (var line in lines ?? []) await gateway.ReadUntilAsync(line);
        var url = new Uri("http://" + MainPort().Match(await gateway.ReadUntilAsync("started api server")).Groups[1].Value);
        using var channel = GrpcChannel.ForAddress(url);
        var health = new Health.HealthClient(channel);
        await Eventually.IsAsync(
            async () => (await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Cancel)).Status
                == HealthCheckResponse.Types.ServingStatus.Serving,
            "the probe succeeds");
        using var client = new GatewayClient(url, Speaks.Grpc);
        Assert.Single((await client.PublishAsync(Envelopes.Welcome())).OriginatorEnvelopes);
        Assert.Single((await client.PublishAsync(Envelopes.Commit((byte)variables.Count))).OriginatorEnvelopes);
        foreach (var line in published ?? []) await gateway.ReadUntilAsync(line);
        await gateway.SignalAsync("TERM");
        Assert.Equal(0, await gateway.WaitAsync());
    }

    [GeneratedRegex(@"Connect on (127\.0\.0\.1:\d+)")]
    private static partial Regex MainPort();
}
