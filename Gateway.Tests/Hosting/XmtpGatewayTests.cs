using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>A gateway inside a program, in front of the local network's chain and nodes.</summary>
public sealed class XmtpGatewayTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private XmtpGatewayOptions Local => new() { PayerPrivateKey = DevAccounts.PrivateKeys[3], AppChainRpcUrl = box.Network.ChainUrl };

    [Fact]
    public async Task A_key_is_enough_for_every_protocol_and_the_counts_tell_what_was_published()
    {
        await using var gateway = await XmtpGateway.StartAsync(Local, Cancel);
        Assert.Equal(DevAccounts.Signer(3).Address, gateway.Payer);
        foreach (var speaks in Enum.GetValues<Speaks>())
        {
            using var client = new GatewayClient(gateway.Url, speaks);
            var answer = await client.PublishAsync(Envelopes.Welcome((byte)Random.Shared.Next(200), Random.Shared.Next(100, 1000)));
            Assert.Single(answer.OriginatorEnvelopes);
            await Assert.ThrowsAsync<RpcException>(() => client.PublishAsync());
        }

        var stats = gateway.Stats;
        Assert.Equal((8, 4, 4, 2), (stats.Requests, stats.Errors, stats.Published, stats.Nodes));
        Assert.True(stats.Spent > Picodollars.Zero);
    }

    [Fact]
    public async Task An_identity_update_becomes_a_transaction_without_Redis()
    {
        await using var gateway = await XmtpGateway.StartAsync(Local with { PayerPrivateKey = DevAccounts.PrivateKeys[2] }, Cancel);
        using var client = new GatewayClient(gateway.Url, Speaks.Grpc);
        var answer = await client.PublishAsync(Envelopes.Identity((byte)Random.Shared.Next(200)));
        Assert.False(Assert.Single(answer.OriginatorEnvelopes).BlockchainProof.TransactionHash.IsEmpty);
    }

    [Fact]
    public async Task A_stopped_gateway_has_closed_its_port_and_keeps_its_counts()
    {
        var gateway = await XmtpGateway.StartAsync(Local, Cancel);
        Assert.NotEqual(HealthStatus.Unhealthy, (await gateway.GetHealthAsync(Cancel)).Status);
        using (var client = new GatewayClient(gateway.Url, Speaks.ConnectJson)) await client.GetNodesAsync();

        await Task.WhenAll(gateway.StopAsync(Cancel), gateway.StopAsync(Cancel));
        await gateway.DisposeAsync();

        using var socket = new TcpClient();
        await Assert.ThrowsAnyAsync<SocketException>(() => socket.ConnectAsync(gateway.Url.Host, gateway.Url.Port, Cancel).AsTask());
        Assert.Equal(1, gateway.Stats.Requests);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => gateway.GetHealthAsync(Cancel));
    }

    [Fact]
    public async Task Two_gateways_in_a_process_publish_for_two_payers()
    {
        await using var one = await XmtpGateway.StartAsync(Local, Cancel);
        await using var other = await XmtpGateway.StartAsync(
            Local with { PayerPrivateKey = null, Signer = DevAccounts.Signer(2) }, Cancel);
        Assert.NotEqual(one.Url, other.Url);
        Assert.NotEqual(one.Payer, other.Payer);
        foreach (var gateway in new[] { one, other })
        {
            using var client = new GatewayClient(gateway.Url, Speaks.Grpc);
            await client.PublishAsync(Envelopes.Welcome((byte)Random.Shared.Next(200), Random.Shared.Next(100, 1000)));
            Assert.Equal(1, gateway.Stats.Published);
        }
    }

    [Fact]
    public async Task Rules_are_added_as_in_any_gateway_and_flags_serve_for_what_has_no_option()
    {
        await using var gateway = await XmtpGateway.StartAsync(
            Local with
            {
                Configure = rules => rules.AddAuthorizer(
                    (caller, _, _) => ValueTask.FromResult(AuthorizationDecision.Deny($"nothing for {caller.Value}"))),
                Flags = ["--reflection.enable", "--limits=stock"],
            },
            Cancel);
        using var client = new GatewayClient(gateway.Url, Speaks.ConnectProto);
        var refused = await Assert.ThrowsAsync<RpcException>(() => client.PublishAsync(Envelopes.Welcome()));
        Assert.Equal((StatusCode.PermissionDenied, "nothing for 127.0.0.1"), (refused.StatusCode, refused.Status.Detail));
    }

    [Fact]
    public async Task The_log_goes_to_the_program_s_factory_and_holds_no_key()
    {
        var logs = new CapturedLogs();
        using var factory = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(logs));
        await using (await XmtpGateway.StartAsync(Local with { LoggerFactory = factory }, Cancel))
            Assert.Contains(logs.Lines, line => line.Contains("started api server", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Contains(Local.PayerPrivateKey![2..], StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Local.PayerPrivateKey![2..], Local.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_a_key_the_exception_is_one_line_with_the_option_s_name()
    {
        var refused = await RefusedAsync(Local with { PayerPrivateKey = null });
        Assert.StartsWith(
            "The gateway cannot start: PayerPrivateKey: required, unless Signer is set", refused.Message, StringComparison.Ordinal);
        Assert.Contains("PayerPrivateKeyFile or PayerKeystoreFile", refused.Message, StringComparison.Ordinal);
        Assert.Single(refused.Message.Split('\n'));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_line_with_the_option_s_name()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        var refused = await RefusedAsync(Local with { Port = port });
        Assert.Equal($"The gateway cannot start: Port: 127.0.0.1:{port} is taken by another process", refused.Message);
    }

    [Fact]
    public async Task A_chain_that_does_not_answer_is_named_by_its_option_without_its_key()
    {
        var refused = await RefusedAsync(Local with
        {
            ContractsEnvironment = "mainnet",
            AppChainRpcUrl = new Uri("http://127.0.0.1:1/secret"),
            SettlementChainRpcUrl = new Uri("http://127.0.0.1:1/secret"),
            StartTimeout = TimeSpan.FromMilliseconds(50),
        });
        Assert.Equal(3, refused.Faults.Count);
        Assert.Contains(
            refused.Faults,
            fault => fault.StartsWith("AppChainRpcUrl: http://127.0.0.1:1 cannot be used: ", StringComparison.Ordinal));
        Assert.Contains(
            refused.Faults,
            fault => fault.StartsWith("SettlementChainRpcUrl: http://127.0.0.1:1 cannot be used: ", StringComparison.Ordinal));
        Assert.Contains(refused.Faults, fault => fault.StartsWith("AllowAll: on mainnet everyone", StringComparison.Ordinal));
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--api.prot=1", "--api.prot: there is no such flag; did you mean --api.port?")]
    [InlineData("--limits=much", "--limits (XMTPD_LIMITS): ")]
    public async Task A_flag_is_checked_as_on_a_command_line(string flag, string fault)
    {
        var refused = await RefusedAsync(Local with { Flags = [flag] });
        Assert.StartsWith(fault, Assert.Single(refused.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_cannot_be_are_faults_by_their_names_all_at_once()
    {
        var refused = await RefusedAsync(Local with
        {
            ContractsEnvironment = "devnet",
            Port = 70_000,
            BindAddress = "here",
            StartTimeout = TimeSpan.Zero,
            RedisUrl = "redis://",
        });
        foreach (var option in new[] { "ContractsEnvironment: ", "Port: ", "BindAddress: ", "StartTimeout: ", "RedisUrl: " })
            Assert.Contains(refused.Faults, fault => fault.StartsWith(option, StringComparison.Ordinal));
    }

    [Fact]
    public void The_four_endpoints_of_the_local_network_are_one_fault_that_says_how_to_start_it()
    {
        string[] faults =
        [
            "--contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL): http://127.0.0.1:8545 cannot be used: refused",
            "--contracts.app-chain.wss-url (XMTPD_APP_CHAIN_WSS_URL): ws://127.0.0.1:8545 cannot be used: refused",
            "--contracts.settlement-chain.rpc-url (XMTPD_SETTLEMENT_CHAIN_RPC_URL): http://127.0.0.1:8545 cannot be used: refused",
        ];
        var fault = Assert.Single(OptionFlags.InOptions(new XmtpGatewayOptions(), faults));
        Assert.Contains("dotnet run --project Gateway.DevNet", fault, StringComparison.Ordinal);
        Assert.Equal(3, OptionFlags.InOptions(Local, faults).Count);
    }

    private static Task<GatewayStartException> RefusedAsync(XmtpGatewayOptions options) =>
        Assert.ThrowsAsync<GatewayStartException>(() => XmtpGateway.StartAsync(options, Cancel));
}
