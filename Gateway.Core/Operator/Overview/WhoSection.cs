using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Who spends it: the identities that spent most today, with their budgets and what they were refused.</summary>
/// <remarks>Identities are pseudonyms: the kind and the hash that the log and Redis have.</remarks>
internal static class WhoSection
{
    /// <summary>The section; null while the store does not answer.</summary>
    internal static JsonObject? Of(OverviewFacts facts, IServiceProvider services) => facts.Identities is not { } identities ? null : new()
    {
        ["day"] = DateOnly.FromDateTime(facts.At.UtcDateTime).ToString("O", CultureInfo.InvariantCulture),
        ["since"] = services.GetRequiredService<IUsageStore>().Since,
        ["identities"] = JsonPage.List(identities.Select(one => new JsonObject
        {
            ["name"] = one.Name,
            ["messages"] = one.Figures.Messages,
            ["dollars"] = Amounts.Dollars(one.Figures.Spent),
            ["budget"] = one.Budget is null ? null : CostSection.Show(one.Budget),
            ["refused"] = JsonPage.List(one.Figures.Refusals.OrderByDescending(refusal => refusal.Value)
                .Select(refusal => new JsonObject { ["reason"] = refusal.Key, ["times"] = refusal.Value })),
        })),
    };
}
