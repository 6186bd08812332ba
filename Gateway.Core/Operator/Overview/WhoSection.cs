using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Costs.Usage;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Who spends it: the identities that spent most today, with their budgets and what they were refused.</summary>
/// <remarks>Identities are pseudonyms: the kind and the hash that the log and Redis have.</remarks>
internal static class WhoSection
{
    /// <summary>The section; null while the store does not answer.</summary>
    internal static object? Of(OverviewFacts facts, IServiceProvider services) => facts.Identities is not { } identities ? null : new
    {
        day = DateOnly.FromDateTime(facts.At.UtcDateTime),
        since = services.GetRequiredService<IUsageStore>().Since,
        identities = identities.Select(one => new
        {
            name = one.Name,
            messages = one.Figures.Messages,
            dollars = Amounts.Dollars(one.Figures.Spent),
            budget = one.Budget is null ? null : new { name = one.Budget.Name, used = one.Budget.Used, percent = one.Budget.Percent },
            refused = one.Figures.Refusals.OrderByDescending(refusal => refusal.Value)
                .Select(refusal => new { reason = refusal.Key, times = refusal.Value }),
        }),
    };
}
