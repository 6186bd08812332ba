using System.Globalization;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Operator.Chains;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Finds what is wrong in the reports of the replicas, the funds and the budgets. The worst comes first.</summary>
internal static class Troubles
{
    private const int NearlySpent = 90;
    private const int FarBehind = 100;
    private static readonly TimeSpan Slow = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Stuck = TimeSpan.FromMinutes(5);

    /// <summary>The troubles, the worst first.</summary>
    internal static IReadOnlyList<Trouble> Of(OverviewFacts facts) =>
        [.. Find(facts).OrderByDescending(trouble => trouble.State)];

    private static IEnumerable<Trouble> Find(OverviewFacts facts) =>
    [
        .. Funds(facts), .. Prices(facts), .. Nodes(facts), .. Checks(facts), .. Heads(facts), .. Store(facts), .. Transactions(facts),
        .. Budgets(facts),
    ];

    private static IEnumerable<Trouble> Funds(OverviewFacts facts)
    {
        if (Level(facts.Payer) is { } payer)
        {
            yield return new Trouble(
                payer,
                facts.Payer!.Level == FundLevel.Empty
                    ? "The payer's balance is empty: nodes refuse every message."
                    : $"The payer's balance is low{Lasts(facts.Payer)}.",
                "Deposit with xmtp-gateway payer deposit 25, as under “How to fund”.");
        }

        if (Level(facts.Gas) is { } gas)
        {
            yield return new Trouble(
                gas,
                facts.Gas!.Level == FundLevel.Empty
                    ? "The gas on the App Chain is empty: no commit and no identity update is published."
                    : $"The gas on the App Chain is low{Lasts(facts.Gas)}.",
                "Send gas money to the payer's address on the App Chain, as under “How to fund”.");
        }
    }

    private static IEnumerable<Trouble> Prices(OverviewFacts facts)
    {
        if (facts.IsPaused)
        {
            yield return new Trouble(
                OperatorState.Trouble,
                "The network's rates have jumped: publishing to nodes is paused.",
                "Check the rates below; wait until they fall, or restart the gateway, which accepts them.");
        }
        else if (facts.LacksRates)
        {
            yield return new Trouble(
                OperatorState.Attention,
                "The network's rates are not known: publishes are not priced, and budgets refuse messages.",
                "Check the settlement chain's provider; the doctor below asks it.");
        }
    }

    private static IEnumerable<Trouble> Nodes(OverviewFacts facts)
    {
        var bad = facts.Replicas.SelectMany(replica => replica.Nodes)
            .Where(node => node.State is "open" or "banned").ToLookup(node => node.Id, node => node.State);
        var all = facts.Replicas.SelectMany(replica => replica.Nodes).Select(node => node.Id).ToHashSet();
        if (bad.Count == 0) yield break;
        if (bad.Count == all.Count)
        {
            yield return new Trouble(
                OperatorState.Trouble,
                "No node answers: messages are refused until one does.",
                "Check this machine's way to the network; the doctor below asks each node.");
            yield break;
        }

        foreach (var node in bad.OrderBy(node => node.Key))
        {
            yield return new Trouble(
                OperatorState.Attention,
                node.Contains("open")
                    ? string.Create(CultureInfo.InvariantCulture, $"Node {node.Key} does not answer; the other nodes take its messages.")
                    : string.Create(CultureInfo.InvariantCulture, $"Node {node.Key} alone refuses what other nodes accept; it is avoided."),
                "Tell the node's operator if it lasts; nothing else is to be done.");
        }
    }

    // Funds are told above, with what they last for, and the state of Redis once for all replicas.
    private static IEnumerable<Trouble> Checks(OverviewFacts facts) =>
        facts.Replicas
            .SelectMany(replica => replica.Checks.Where(check => check.Level > 0 && check.Name != "funds")
                .Select(check => (Replica: replica.Name, Check: check)))
            .GroupBy(found => found.Check.Name)
            .Select(found =>
            {
                var (worst, where) = (found.MaxBy(one => one.Check.Level).Check, found.Select(one => one.Replica).Distinct().ToList());
                var on = where.Count < facts.Replicas.Count ? $" ({string.Join(", ", where)})" : "";
                var isBad = worst.Level > 1 || worst.Name == "redis";
                return new Trouble(
                    isBad ? OperatorState.Trouble : OperatorState.Attention,
                    $"{Subject(worst.Name)}{on}: {worst.Detail ?? "the check fails"}.",
                    Remedy(worst.Name));
            });

    private static IEnumerable<Trouble> Heads(OverviewFacts facts) =>
        new[] { (Name: ChainNames.App, Head: facts.AppHead), (Name: ChainNames.Settlement, Head: facts.SettlementHead) }
            .Where(chain => chain.Head?.Behind >= FarBehind)
            .Select(chain => new Trouble(
                OperatorState.Attention,
                string.Create(CultureInfo.InvariantCulture, $"{Subject(chain.Name)} is {chain.Head!.Behind} blocks behind."),
                Remedy(chain.Name)));

    private static IEnumerable<Trouble> Store(OverviewFacts facts)
    {
        if (facts.IsStoreAnswering) yield break;
        yield return new Trouble(
            OperatorState.Attention,
            "Redis does not answer this page: it shows this replica alone, without the spending of identities.",
            "Check Redis; the page shows all replicas as soon as it answers.");
    }

    private static IEnumerable<Trouble> Transactions(OverviewFacts facts)
    {
        var oldest = TimeSpan.FromSeconds(facts.Replicas.Max(replica => replica.OldestSeconds));
        if (oldest < Slow) yield break;
        yield return new Trouble(
            oldest < Stuck ? OperatorState.Attention : OperatorState.Trouble,
            string.Create(CultureInfo.InvariantCulture, $"A transaction has waited for its block for {(long)oldest.TotalSeconds} s."),
            "Compare the chain's gas price with --app-chain.max-gas-price; /debug/transactions lists the transactions.");
    }

    private static IEnumerable<Trouble> Budgets(OverviewFacts facts) =>
        facts.Budgets.Where(budget => budget.Percent >= NearlySpent).Select(budget => new Trouble(
            budget.Percent >= 100 ? OperatorState.Trouble : OperatorState.Attention,
            $"The {budget.Name} is {(budget.Percent >= 100 ? "spent" : $"{budget.Percent}% spent")}.",
            "Raise it with --budgets, or wait until it begins again; until then publishes over it are refused."));

    private static OperatorState? Level(FundState? fund) => fund?.Level switch
    {
        FundLevel.Warning => OperatorState.Attention,
        FundLevel.Critical or FundLevel.Empty => OperatorState.Trouble,
        _ => null,
    };

    private static string Lasts(FundState fund) => Amounts.Runway(fund.RunwayHours) is { } time ? $": it lasts {time}" : "";

    private static string Subject(string check) => check switch
    {
        "nodes" => "The nodes",
        "redis" => "Redis",
        ChainNames.App => "The App Chain's provider",
        ChainNames.Settlement => "The settlement chain's provider",
        _ => $"The check {check}",
    };

    private static string Remedy(string check) => check switch
    {
        "nodes" => "Check the settlement chain's provider and the contracts' environment; the doctor below asks each node.",
        "redis" => "Check Redis: until it takes writes nothing is published to the App Chain.",
        ChainNames.App => "Check the provider's status, or set another URL in --contracts.app-chain.rpc-url.",
        ChainNames.Settlement => "Check the provider's status, or set another URL in --contracts.settlement-chain.rpc-url.",
        _ => "Run the doctor below.",
    };
}
