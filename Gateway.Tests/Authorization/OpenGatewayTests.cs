using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization;

public sealed class OpenGatewayTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    // The addresses of the local network without its name: as far as the gateway knows this could be real money.
    internal const string Deployment = """
        {"appChainId":31337,"settlementChainId":31337,
         "groupMessageBroadcaster":"0x062741d1daE094dcE72A4895462E17A9bAD4d119",
         "identityUpdateBroadcaster":"0xCF4dEB9D7dBb100002a97d4E95F667c43c01FC10",
         "nodeRegistry":"0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C","rateRegistry":"0xf0fC16E20Edb4ED762fBd3724F4EbFAeD07018b0",
         "payerRegistry":"0xB49a1142Bc0407EB0c406EfBb3e32fbC8daa9fCe","payerReportManager":"0xbBFAc1B3083E66b574342D23edD39ADeE6f78f80"}
        """;

    [Fact]
    public async Task A_gateway_without_any_rule_warns_repeatedly()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await StartAsync(time);
        await gateway.Logs.UntilAsync(() => Warnings(gateway) == 1, TestContext.Current.CancellationToken);
        for (var hour = 2; hour <= 4; hour++)
        {
            time.Advance(TimeSpan.FromMinutes(59));
            Assert.Equal(hour - 1, Warnings(gateway));
            time.Advance(TimeSpan.FromMinutes(1));
            await gateway.Logs.UntilAsync(() => Warnings(gateway) == hour, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData(true, "--contracts.environment=mainnet")]
    [InlineData(true, "--contracts.environment=mainnet", "--limits=stock", "--budgets=1/day")]
    [InlineData(true, "--contracts.environment=testnet", "--contracts.settlement-chain.chain-id=8453")]
    [InlineData(false, "--contracts.environment=mainnet", "--auth.allow-all")]
    [InlineData(false, "--contracts.environment=mainnet", "--auth.allowlist=203.0.113.7", "--api.cors-origins=none")]
    [InlineData(false, "--contracts.environment=testnet")]
    public async Task On_mainnet_a_gateway_without_any_rule_does_not_start(bool refuses, params string[] flags)
    {
        await using var gateway = GatewayUnderTest.Build([
            .. GatewayUnderTest.Enough.Where(arg => arg is not ("--contracts.environment" or "anvil")),
            .. flags,
        ]);
        Assert.Equal(
            refuses,
            (await gateway.FaultsAsync())
                .Any(fault => fault.StartsWith("--auth.allow-all (XMTPD_AUTH_ALLOW_ALL): on mainnet everyone", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, "--auth.allowlist=10.0.0.0/8")]
    [InlineData(true, "--auth.allowlist=alice,2001:db8::1", "--api.cors-origins=https://app.example,*")]
    [InlineData(false, "--auth.allowlist=10.0.0.0/8", "--api.cors-origins=https://app.example")]
    [InlineData(false, "--auth.allowlist=10.0.0.0/8", "--api.cors-origins=none")]
    [InlineData(false, "--auth.allowlist=alice")]
    public async Task Where_addresses_admit_the_origins_of_web_pages_must_be_named(bool refuses, params string[] flags)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, .. flags]);
        Assert.Equal(
            refuses,
            (await gateway.FaultsAsync())
                .Any(
                    fault => fault.StartsWith("--api.cors-origins (XMTPD_API_CORS_ORIGINS): ", StringComparison.Ordinal)
                        && fault.Contains("--auth.allowlist (XMTPD_AUTH_ALLOWLIST)", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_confirmed_open_gateway_is_not_warned_about()
    {
        await using var gateway = await StartAsync(new FakeTimeProvider(), null, "--auth.allow-all");
        await EndOfWarningsAsync(gateway);
        Assert.Equal(0, Warnings(gateway));
    }

    [Fact]
    public async Task One_rule_is_sufficient()
    {
        await using var gateway = await StartAsync(
            new FakeTimeProvider(), builder => builder.AddAuthorizer((_, _) => ValueTask.FromResult(AuthorizationDecision.Allow)));
        await EndOfWarningsAsync(gateway);
        Assert.Equal(0, Warnings(gateway));
    }

    [Fact]
    public async Task The_start_log_says_how_many_rules_there_are()
    {
        await using var gateway = await StartAsync(
            new FakeTimeProvider(),
            builder => builder.AddAllowlist("alice"),
            "--auth.allowlist=alice",
            "--limits=stock, 5/s",
            "--budgets=1/day");
        Assert.Contains(
            gateway.Logs.Lines,
            line => line.Contains("clients are identified by address; authorizers: 2, limits: 2, budgets: 1", StringComparison.Ordinal));
    }

    // It ends by itself when there is nothing to warn of.
    private static Task EndOfWarningsAsync(GatewayUnderTest gateway) =>
        gateway.App.Services.GetServices<IHostedService>()
            .OfType<OpenGatewayWarning>()
            .Single().ExecuteTask!
            .WaitAsync(TestContext.Current.CancellationToken);

    private static int Warnings(GatewayUnderTest gateway) =>
        gateway.Logs.Lines.Count(line => line.Contains("SPENDS THE PAYER'S MONEY", StringComparison.Ordinal));

    private async Task<GatewayUnderTest> StartAsync(TimeProvider time, Action<XmtpGatewayBuilder>? after = null, params string[] more)
    {
        var gateway = GatewayUnderTest.Build(
            [
                .. GatewayUnderTest.Enough.Where(arg => arg is not ("--contracts.environment" or "anvil")),
                "--contracts.config-json",
                Deployment,
                "--contracts.start-timeout=15s",
                $"--contracts.app-chain.rpc-url={chain.Anvil.HttpUrl}",
                $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}",
                .. more,
            ],
            before: builder => builder.Services.AddSingleton(time),
            after: after);
        Assert.Empty(await gateway.FaultsAsync());
        return gateway;
    }
}
