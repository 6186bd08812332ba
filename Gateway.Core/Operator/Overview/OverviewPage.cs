using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Operator.Replicas;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>What the operator's page shows, as JSON: read-only, for the page and for an operator's own tools.</summary>
internal static class OverviewPage
{
    internal const string Path = "/debug/overview";

    /// <summary>Serves <c>GET /debug/overview</c>.</summary>
    internal static async Task ServeAsync(HttpContext call)
    {
        var facts = await call.RequestServices.GetRequiredService<OverviewReader>().ReadAsync(call.RequestAborted).ConfigureAwait(false);
        await JsonPage.WriteAsync(call, Show(facts, call.RequestServices)).ConfigureAwait(false);
    }

    private static JsonObject Show(OverviewFacts facts, IServiceProvider services)
    {
        var troubles = Troubles.Of(facts);
        var isShared = services.GetRequiredService<ReplicaBoard>().IsShared;
        return new JsonObject
        {
            ["at"] = facts.At,
            ["state"] = Word(troubles.Count == 0 ? OperatorState.Well : troubles[0].State),
            ["troubles"] = JsonPage.List(troubles.Select(
                trouble => new JsonObject { ["state"] = Word(trouble.State), ["what"] = trouble.What, ["do"] = trouble.Do })),
            ["network"] = services.GetRequiredService<IOptions<ContractsOptions>>().Value.Environment ?? "custom",
            ["payer"] = services.GetRequiredService<ISigner>().Address.ToString(),
            ["version"] = ReplicaReporter.Version,
            ["replicas"] = JsonPage.List(facts.Replicas.Select((replica, i) => new JsonObject
            {
                ["name"] = replica.Name,
                ["version"] = replica.Version,
                ["payersFile"] = replica.PayersFile,
                ["started"] = replica.Started,
                ["state"] = replica.Health,
                ["messages"] = replica.Messages,
                ["isThis"] = i == 0,
            })),
            ["store"] = new JsonObject { ["kind"] = isShared ? "redis" : "memory", ["answers"] = facts.IsStoreAnswering },
            ["dry"] = FundsSection.Of(facts, services),
            ["cost"] = CostSection.Of(facts, services),
            ["who"] = WhoSection.Of(facts, services),
            ["well"] = WellSection.Of(facts, services),
            ["lately"] = LatelySection.Of(facts),
        };
    }

    private static string Word(OperatorState state) => state switch
    {
        OperatorState.Well => "well",
        OperatorState.Attention => "attention",
        _ => "trouble",
    };
}
