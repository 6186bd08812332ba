using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Checks that budgets have rates to count in: without them each publish to a node would be refused for ever.</summary>
internal sealed class BudgetRatesCheck(
    UncheckedOptions<LimitsOptions> limits, UncheckedOptions<ContractsOptions> contracts, SettingTable table) : IStartCheck
{
    /// <inheritdoc/>
    public string Subject => "prices for budgets";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var chain = contracts.Value.SettlementChain;
        if (limits.Value.Budgets.Count == 0 || chain.ChainId == 0 || !chain.RateRegistry.IsZero)
            return Task.FromResult<IReadOnlyList<string>>([]);
        var rates = table.Find("--contracts.settlement-chain.rate-registry-address")!.Name;
        return Task.FromResult<IReadOnlyList<string>>([$"{rates}: required, because budgets are configured, which count by the rates"]);
    }
}
