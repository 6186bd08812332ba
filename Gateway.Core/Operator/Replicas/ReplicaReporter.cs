using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Operator.Chains;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Operator.Replicas;

/// <summary>Makes this replica's report.</summary>
internal sealed class ReplicaReporter(
    HealthReports health,
    INodeRegistry registry,
    NodeConnections connections,
    RefusalBans bans,
    PublishMetrics metrics,
    CostChainClients chains,
    PendingTransactions transactions,
    SenderSet senders,
    SpendLedger ledger,
    GatewayAddresses addresses,
    PayersVersion? payers = null)
{
    /// <summary>The release of this gateway.</summary>
    internal static string Version { get; } =
        typeof(ReplicaReporter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "unknown";

    private static readonly IReadOnlyDictionary<string, long> NoFailures = new Dictionary<string, long>();

    /// <summary>Different for each start.</summary>
    internal string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Makes the report.</summary>
    internal async Task<ReplicaReport> ReportAsync(CancellationToken cancellationToken)
    {
        var report = await health.GetAsync(cancellationToken).ConfigureAwait(false);
        return new ReplicaReport
        {
            Id = Id,
            Name = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{addresses.Main?.Port ?? 0}"),
            Version = Version,
            PayersFile = payers?.Now,
            Started = ledger.Since,
            Health = HealthReports.Word(report.Status),
            Checks = [.. report.Entries.Select(entry => Check(entry.Key, entry.Value))],
            Nodes = [.. registry.Current.Nodes.Select(Node)],
            Chains =
            [
                new ReplicaChain(ChainNames.App, ChainNames.Words(chains.AppFailures)),
                new ReplicaChain(ChainNames.Settlement, ChainNames.Words(chains.SettlementFailures)),
            ],
            InFlight = transactions.Count + senders.InFlight,
            OldestSeconds = Math.Max(transactions.OldestAge.TotalSeconds, senders.OldestAge.TotalSeconds),
            Messages = ledger.Total.Messages,
            Fees = ledger.Total.Fees.Value.ToString(CultureInfo.InvariantCulture),
        };
    }

    // The text of an exception is left out, as on the health pages.
    private static ReplicaCheck Check(string name, HealthReportEntry entry) => new(
        name,
        entry.Status switch { HealthStatus.Healthy => 0, HealthStatus.Degraded => 1, _ => 2 },
        entry.Exception is null ? entry.Description : null);

    private ReplicaNode Node(NetworkNode node)
    {
        var state = bans.IsBanned(node.Id) ? "banned"
            : connections.IsCircuitTripped(node.Id) ? "open"
            : connections.IsUsed(node.Id) ? "well"
            : "unused";
        return metrics.Tallies.TryGetValue(node.Id.ToString(CultureInfo.InvariantCulture), out var tally)
            ? new ReplicaNode(
                node.Id,
                state,
                tally.Publishes,
                tally.Envelopes,
                tally.Failures.ToDictionary(StringComparer.Ordinal),
                tally.Durations.ToDictionary(step => step.Step, step => step.Count))
            : new ReplicaNode(node.Id, state, 0, 0, NoFailures, new Dictionary<int, long>());
    }
}
