using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

public sealed class OpenGatewayTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    // The addresses of the local network without its name: as far as the gateway knows this could be real money.
    internal const string Deployment = """
        {"appChainId":31337,"settlementChainId":31337,
         "groupMessageBroadcaster":"0x062741d1daE094dcE72A4895462E17A9bAD4d119","identityUpdateBroadcaster":"0xCF4dEB9D7dBb100002a97d4E95F667c43c01FC10",
         "nodeRegistry":"0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C","rateRegistry":"0xf0fC16E20Edb4ED762fBd3724F4EbFAeD07018b0",
         "payerRegistry":"0xB49a1142Bc0407EB0c406EfBb3e32fbC8daa9fCe","payerReportManager":"0xbBFAc1B3083E66b574342D23edD39ADeE6f78f80"}
        """;

    [Fact]
    public async Task A_gateway_without_any_rule_warns_and_goes_on_warning()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await StartAsync(time);
        await gateway.Logs.UntilAsync(() => Warnings(gateway) == 1, TestContext.Current.CancellationToken);
        for (var minute = 2; minute <= 4; minute++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            await gateway.Logs.UntilAsync(() => Warnings(gateway) == minute, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Who_says_that_it_is_meant_is_not_warned()
    {
        await using var gateway = await StartAsync(new FakeTimeProvider(), null, "--auth.allow-all");
        await EndOfWarningsAsync(gateway);
        Assert.Equal(0, Warnings(gateway));
    }

    [Fact]
    public async Task A_rule_is_enough()
    {
        await using var gateway = await StartAsync(new FakeTimeProvider(), builder => builder.AddAuthorizer((_, _) => ValueTask.FromResult(AuthorizationDecision.Allow)));
        await EndOfWarningsAsync(gateway);
        Assert.Equal(0, Warnings(gateway));
    }

    [Fact]
    public async Task The_start_log_says_how_many_rules_there_are()
    {
        await using var gateway = await StartAsync(new FakeTimeProvider(), builder => builder.AddAllowlist("alice"), "--auth.allowlist=alice", "--limits=stock, 5/s", "--budgets=1/day");
        Assert.Contains(gateway.Logs.Lines, line => line.Contains("clients are known by address; authorizers: 2, limits: 2, budgets: 1", StringComparison.Ordinal));
    }

    // It ends by itself when there is nothing to warn of.
    private static Task EndOfWarningsAsync(GatewayUnderTest gateway) =>
        gateway.App.Services.GetServices<IHostedService>().OfType<OpenGatewayWarning>().Single().ExecuteTask!.WaitAsync(TestContext.Current.CancellationToken);

    private static int Warnings(GatewayUnderTest gateway) => gateway.Logs.Lines.Count(line => line.Contains("SPENDS THE PAYER'S MONEY", StringComparison.Ordinal));

    private async Task<GatewayUnderTest> StartAsync(TimeProvider time, Action<XmtpGatewayBuilder>? after = null, params string[] more)
    {
        var gateway = GatewayUnderTest.Build(
            [
                .. GatewayUnderTest.Enough.Where(arg => arg is not ("--contracts.environment" or "anvil")), "--contracts.config-json", Deployment, "--contracts.start-timeout=15s",
                $"--contracts.app-chain.rpc-url={chain.Anvil.HttpUrl}", $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}", .. more,
            ],
            before: builder => builder.Services.AddSingleton(time),
            after: after);
        Assert.Empty(await gateway.FaultsAsync());
        return gateway;
    }
}
