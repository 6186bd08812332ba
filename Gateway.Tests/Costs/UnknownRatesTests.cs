using System.Text.Json;
using Google.Rpc;
using Grpc.Core;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Tests.Authorization;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>A gateway with a budget whose rate registry cannot be read at first.</summary>
public sealed class UnknownRatesTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Budgets_refuse_publishes_to_nodes_until_rates_are_read()
    {
        await chain.Chain.AddRatesAsync(new Rates(1_000, 2, 3, 4, (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()), Cancel);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var isBroken = true;
        proxy.Fault = (method, parameters, forward) =>
            Volatile.Read(ref isBroken) && method == "eth_call" && IsForRates(parameters)
                ? RpcProxy.Error(-32603, "down")
                : RpcProxy.Pass(forward);
        await using var gateway = await RulesGateway.StartAsync(
            chain, rules => rules.AddBudget(1_000, BudgetPeriod.Day), null, $"--contracts.settlement-chain.rpc-url={proxy.Url}");

        var answer = await gateway.PublishAsync();
        Assert.Equal((StatusCode.Unavailable, "5"), (answer.Code, answer.RetryAfter));
        Assert.Equal("RATES_UNKNOWN", answer.Detail<ErrorInfo>().Reason);
        Assert.Equal(0, gateway.Published);
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, Envelopes.Request(Envelopes.Commit()))).Code);

        Volatile.Write(ref isBroken, false);
        await Eventually.IsAsync(async () => (await gateway.PublishAsync()).Code == StatusCode.OK, "the rates are read");
    }

    private static bool IsForRates(JsonElement parameters) =>
        string.Equals(
            parameters[0].GetProperty("to").GetString(), ChainAddresses.RateRegistry.ToString(), StringComparison.OrdinalIgnoreCase);
}
