using Microsoft.Extensions.Options;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Reads how much of the budgets is used. Charges nothing.</summary>
internal sealed class BudgetReader(IOptions<LimitsOptions> options, IUsageLimitStore store, PayerLabel? payer = null)
{
    private readonly CurrentLimits _limits = new(options);

    /// <summary>The budgets of the whole gateway; null when the store does not answer.</summary>
    internal async Task<IReadOnlyList<BudgetUse>?> ReadAsync(CancellationToken cancellationToken)
    {
        var all = await ReadAsync([UsageLimitKey.OfAll(payer?.Name)], LimitScope.WholeGateway, cancellationToken).ConfigureAwait(false);
        return all?[0];
    }

    /// <summary>The budget of each client of which it used most, by client; null for none.</summary>
    internal async Task<IReadOnlyList<BudgetUse?>?> ReadAsync(IReadOnlyList<string> clients, CancellationToken cancellationToken)
    {
        var all = await ReadAsync(clients, LimitScope.EachClient, cancellationToken).ConfigureAwait(false);
        return all is null ? null : [.. all.Select(budgets => budgets.MaxBy(budget => budget.Percent))];
    }

    private async Task<IReadOnlyList<IReadOnlyList<BudgetUse>>?> ReadAsync(
        IReadOnlyList<string> clients, LimitScope scope, CancellationToken cancellationToken)
    {
        var budgets = _limits.Budgets.Where(budget => budget.Scope == scope).ToArray();
        var asked = clients.SelectMany(client => budgets.Select(budget => (budget, UsageLimitKey.Of(budget, client)))).ToList();
        if (asked.Count == 0) return [.. clients.Select(_ => (IReadOnlyList<BudgetUse>)[])];
        if (await store.ReadSumsAsync(asked, cancellationToken).ConfigureAwait(false) is not { } sums) return null;
        return [.. asked.Zip(sums, (one, used) => Use(one.budget, used)).Chunk(budgets.Length)];
    }

    private static BudgetUse Use(SpendCounter budget, long used) =>
        new(budget.Name, Amounts.Dollars(new Picodollars(used)), Amounts.Percent(used, budget.Capacity));
}
