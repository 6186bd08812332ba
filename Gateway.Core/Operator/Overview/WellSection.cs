using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Operator.Chains;
using Xmtp.Gateway.Operator.Replicas;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Is it well: the nodes, both chains, Redis and the transactions, of all replicas together.</summary>
internal static class WellSection
{
    // The worst first.
    private static readonly string[] States = ["open", "banned", "well"];

    /// <summary>The section.</summary>
    internal static JsonObject Of(OverviewFacts facts, IServiceProvider services)
    {
        var contracts = services.GetRequiredService<IOptions<ContractsOptions>>().Value;
        var replicas = facts.Replicas;
        return new JsonObject
        {
            ["nodes"] = JsonPage.List(services.GetRequiredService<INodeRegistry>().Current.Nodes.Select(node => Node(node, facts))),
            ["networkFault"] = facts.News?.NetworkFault,
            ["chains"] = new JsonArray(
                Chain("App Chain", ChainNames.App, contracts.AppChain.ChainId, contracts.AppChain.RpcUrl, facts.AppHead, facts),
                Chain(
                    "settlement chain",
                    ChainNames.Settlement,
                    contracts.SettlementChain.ChainId,
                    contracts.SettlementChain.RpcUrl,
                    facts.SettlementHead,
                    facts)),
            ["redis"] = Check("redis", facts),
            ["inFlight"] = replicas.Sum(replica => replica.InFlight),
            ["oldestSeconds"] = Math.Round(replicas.Max(replica => replica.OldestSeconds), 1),
            ["checks"] = JsonPage.List(replicas.SelectMany(replica => replica.Checks.Select(check => (replica.Name, Check: check)))
                .Where(found => found.Check.Level > 0)
                .Select(found => new JsonObject
                {
                    ["replica"] = found.Name,
                    ["name"] = found.Check.Name,
                    ["level"] = found.Check.Level,
                    ["detail"] = found.Check.Detail,
                })),
        };
    }

    private static JsonObject Node(NetworkNode node, OverviewFacts facts)
    {
        var seen = facts.Replicas.SelectMany(replica => replica.Nodes.Where(one => one.Id == node.Id)).ToList();
        var durations = seen.SelectMany(one => one.Durations).GroupBy(step => step.Key)
            .Select(step => (Step: step.Key, Count: step.Sum(one => one.Value))).OrderBy(step => step.Step).ToList();
        return new JsonObject
        {
            ["id"] = node.Id,
            ["address"] = RedactedUrl.Of(node.Address),
            ["state"] = Worst(seen),
            ["openAt"] = seen.Count(one => one.State == "open"),
            ["attempts"] = seen.Sum(one => one.Publishes + one.Failures.Values.Sum()),
            ["publishes"] = seen.Sum(one => one.Publishes),
            ["envelopes"] = seen.Sum(one => one.Envelopes),
            ["failures"] = Counts(seen.SelectMany(one => one.Failures)),
            ["p50"] = Quantile(durations, 50),
            ["p99"] = Quantile(durations, 99),
            ["behind"] = facts.News?.Behind.TryGetValue(node.Id, out var behind) == true ? behind : (ulong?)null,
        };
    }

    private static string Worst(IReadOnlyList<ReplicaNode> seen) =>
        States.FirstOrDefault(state => seen.Any(node => node.State == state)) ?? "unused";

    private static double? Quantile(IReadOnlyList<(int Step, long Count)> durations, int percent)
    {
        var (total, below) = (durations.Sum(step => step.Count), 0L);
        foreach (var (step, count) in durations)
        {
            below += count;
            if (below * 100 >= total * percent) return Math.Round(NodeTally.Duration(step).TotalMilliseconds, 1);
        }

        return null;
    }

    private static JsonObject Chain(string name, string key, ulong id, Uri? url, ChainHead? head, OverviewFacts facts) => new()
    {
        ["name"] = name,
        ["id"] = id.ToString(CultureInfo.InvariantCulture),
        ["provider"] = url is null ? null : RedactedUrl.Of(url),
        ["head"] = head?.Number,
        ["made"] = head?.Made,
        ["readAt"] = head?.ReadAt,
        ["behind"] = head?.Behind,
        ["watcherBehind"] = facts.News?.Heads.GetValueOrDefault(key)?.Behind,
        ["failures"] = Counts(facts.Replicas.SelectMany(replica => replica.Chains).Where(chain => chain.Name == key)
            .SelectMany(chain => chain.Failures)),
        ["check"] = Check(key, facts),
    };

    private static JsonArray Counts(IEnumerable<KeyValuePair<string, long>> failures) => JsonPage.List(failures
        .GroupBy(failure => failure.Key)
        .Select(failure => (Kind: failure.Key, Times: failure.Sum(one => one.Value)))
        .OrderByDescending(failure => failure.Times)
        .Select(failure => new JsonObject { ["kind"] = failure.Kind, ["times"] = failure.Times }));

    // The worst of all replicas; null where nobody checks it.
    private static JsonObject? Check(string name, OverviewFacts facts) =>
        facts.Replicas.SelectMany(replica => replica.Checks).Where(check => check.Name == name).MaxBy(check => check.Level) is { } worst
            ? new JsonObject { ["level"] = worst.Level, ["detail"] = worst.Detail }
            : null;
}
