using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Estimates;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Estimates;

/// <summary>What a month costs, by the rates and the gas price of a real chain.</summary>
public sealed partial class EstimateTests(DevChainFixture chain) : IClassFixture<DevChainFixture>, IAsyncLifetime
{
    private static readonly string[] App = ["--users", "1000", "--messages=10", "--size", "1000", "--groups", "50", "--group-size=4"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var registry = new RateRegistryContract(chain.Rpc, ChainAddresses.RateRegistry);
        if ((await registry.GetRatesCountAsync(Cancel)).OrThrow() == 0)
            await chain.Chain.AddRatesAsync(new Rates(1_000_000, 0, 10_000, 60, 1), Cancel);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Each_kind_of_a_month_has_its_count_and_price_with_and_without_congestion()
    {
        var (exitCode, output, errors) = await RunAsync([.. App, "--json"]);

        Assert.True(exitCode == 0, errors);
        var month = JsonDocument.Parse(output).RootElement;
        var kinds = month.GetProperty("kinds").EnumerateArray().ToDictionary(kind => kind.GetProperty("kind").GetString()!);
        Assert.Equal(
            [("messages", 300_000L), ("welcomes", 150L), ("key packages", 1_000L), ("commits", 50L), ("identity updates", 1_000L)],
            kinds.Select(kind => (kind.Key, kind.Value.GetProperty("envelopes").GetInt64())));
        Assert.Equal("1000000", Text(kinds["messages"], "picodollarsEach"));
        Assert.Equal("2000000", Text(kinds["messages"], "picodollarsEachCongested"));
        Assert.Equal(Text(kinds["commits"], "picodollarsEach"), Text(kinds["commits"], "picodollarsEachCongested"));
        Assert.True(Int128.Parse(Text(kinds["commits"], "picodollarsEach"), null) > 0);
        var (fees, gas, all) = (month.GetProperty("fees"), month.GetProperty("gas"), month.GetProperty("all"));
        Assert.Equal("301150000000", Text(fees, "picodollars"));
        Assert.Equal("602300000000", Text(fees, "picodollarsCongested"));
        Assert.Equal(
            Int128.Parse(Text(all, "picodollars"), null),
            Int128.Parse(Text(fees, "picodollars"), null) + Int128.Parse(Text(gas, "picodollars"), null));
        Assert.Equal(60, month.GetProperty("targetRatePerMinute").GetInt64());
    }

    [Fact]
    public async Task Each_installation_has_a_welcome_a_key_package_and_an_identity_update()
    {
        var (exitCode, output, errors) = await RunAsync([.. App, "--new-users=100", "--installations=3", "--json"]);

        Assert.True(exitCode == 0, errors);
        var kinds = JsonDocument.Parse(output).RootElement.GetProperty("kinds").EnumerateArray()
            .ToDictionary(kind => kind.GetProperty("kind").GetString()!, kind => kind.GetProperty("envelopes").GetInt64());
        Assert.Equal((450L, 300L, 300L), (kinds["welcomes"], kinds["key packages"], kinds["identity updates"]));
    }

    [Fact]
    public async Task Gas_that_is_priced_by_the_fallback_is_said()
    {
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Rewrite = answer => BaseFee().Replace(answer, "\"baseFeePerGas\":\"0x0\"");
        string[] flags = [.. App, $"--contracts.app-chain.rpc-url={proxy.Url}", "--app-chain.fallback-gas-price=2"];

        var (exitCode, output, errors) = await RunAsync(flags);
        Assert.True(exitCode == 0, errors);
        Assert.Contains(
            "returned no usable gas price: gas is priced by --app-chain.fallback-gas-price, 2000000000 wei a unit", output,
            StringComparison.Ordinal);
        Assert.True(Of((await RunAsync([.. flags, "--json"])).Output));

        Assert.DoesNotContain("fallback", (await RunAsync(App)).Output, StringComparison.Ordinal);
        Assert.False(Of((await RunAsync([.. App, "--json"])).Output));

        static bool Of(string json) => JsonDocument.Parse(json).RootElement.GetProperty("gasPricedByFallback").GetBoolean();
    }

    [Fact]
    public async Task The_table_ends_with_limits_and_budgets_that_a_gateway_accepts()
    {
        var (exitCode, output, errors) = await RunAsync(App);
        Assert.True(exitCode == 0, errors);
        string[] words = ["300,000", "node fees", "$0.30", "$0.60", "--limits=\"", "--budgets=\""];
        Assert.All(words, word => Assert.Contains(word, output, StringComparison.Ordinal));

        var flags = output.TrimEnd().Split('\n')[^1].Split('"');
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, $"--limits={flags[1]}", $"--budgets={flags[3]}"]);

        Assert.Empty(gateway.App.Services.GetRequiredService<StartChecks>().ConfigurationFaults());
        var limits = gateway.Options<LimitsOptions>();
        Assert.Equal([LimitScope.EachClient, LimitScope.WholeGateway], limits.Rates.Select(rate => rate.Scope));
        Assert.Equal([BudgetPeriod.Day, BudgetPeriod.Month], limits.Budgets.Select(budget => budget.Per));
    }

    [Theory]
    [InlineData("--users: required", "--messages", "1", "--size", "1")]
    [InlineData("--size: required", "--users", "1", "--messages", "1")]
    [InlineData("--messages: required", "--users", "1", "--messages", "0", "--size", "1")]
    [InlineData("--size: expected a whole number", "--users", "1", "--messages", "1", "--size", "1.5")]
    [InlineData("--users: expected a whole number", "--users=-1", "--messages", "1", "--size", "1")]
    [InlineData("--user: there is no such flag", "--users", "1", "--messages", "1", "--size", "1", "--user", "1")]
    public async Task Figures_that_are_none_end_with_2(string why, params string[] figures)
    {
        var (exitCode, _, errors) = await RunAsync(figures);
        Assert.Equal(2, exitCode);
        Assert.Contains(why, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_that_does_not_answer_ends_with_1()
    {
        var (exitCode, _, errors) = await RunAsync([.. App, "--contracts.settlement-chain.rpc-url=http://127.0.0.1:1"]);
        Assert.Equal(1, exitCode);
        Assert.Contains("the rates cannot be read", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_program_lists_the_figures()
    {
        var (exitCode, output, errors) = await GatewayProcess.RunAsync("estimate", "--help");
        Assert.True(exitCode == 0, errors);
        Assert.Contains("--group-size", output, StringComparison.Ordinal);
    }

    [GeneratedRegex("\"baseFeePerGas\":\"0x[0-9a-f]+\"")]
    private static partial Regex BaseFee();

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    // The last of two flags counts: the caller's.
    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] figures)
    {
        string[] chains =
        [
            "--contracts.environment=anvil",
            $"--contracts.app-chain.rpc-url={chain.Anvil.HttpUrl}",
            $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}",
        ];
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var exitCode = await EstimateCommand.RunAsync([.. chains, .. figures], output, errors, Cancel);
        return (exitCode, output.ToString(), errors.ToString());
    }
}
