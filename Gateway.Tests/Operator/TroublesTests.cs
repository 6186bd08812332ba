using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Operator.Overview;
using Xmtp.Gateway.Operator.Replicas;

namespace Xmtp.Gateway.Tests.Operator;

/// <summary>What the page says is wrong, and how amounts are written.</summary>
public sealed class TroublesTests
{
    [Fact]
    public void A_gateway_that_works_has_none() => Assert.Empty(Troubles.Of(Facts(Replica())));

    [Fact]
    public void The_worst_comes_first_and_each_says_what_to_do()
    {
        var found = Troubles.Of(Facts(Replica(new ReplicaCheck("app-chain", 1, "it has not answered for 40s"))) with
        {
            Payer = new FundState(5, 1, 3, FundLevel.Critical),
            Gas = new FundState(0, 1, 0, FundLevel.Empty),
            Budgets = [new BudgetUse("budget of 5 dollars a day for the whole gateway", "$4.60", 92)],
        });
        Assert.Equal(
            [OperatorState.Trouble, OperatorState.Trouble, OperatorState.Attention, OperatorState.Attention],
            found.Select(trouble => trouble.State));
        Assert.All(found, trouble => Assert.EndsWith(".", trouble.What, StringComparison.Ordinal));
        Assert.All(found, trouble => Assert.EndsWith(".", trouble.Do, StringComparison.Ordinal));
        Assert.Equal("The payer's balance is low: it lasts 3 hours.", found[0].What);
        Assert.Contains(found, trouble => trouble.What == "The App Chain's provider: it has not answered for 40s.");
    }

    [Fact]
    public void One_node_that_is_down_is_attention_and_all_nodes_are_trouble()
    {
        var one = Assert.Single(Troubles.Of(Facts(Replica(nodes: [Node(100, "well"), Node(200, "open")]))));
        Assert.Equal((OperatorState.Attention, "Node 200 does not answer; the other nodes take its messages."), (one.State, one.What));
        var all = Assert.Single(Troubles.Of(Facts(Replica(nodes: [Node(100, "open"), Node(200, "open")]))));
        Assert.Equal(OperatorState.Trouble, all.State);
    }

    [Fact]
    public void A_check_that_fails_at_one_replica_names_it()
    {
        var found = Assert.Single(Troubles.Of(Facts(
            Replica(),
            Replica(new ReplicaCheck("redis", 1, "the shared store does not answer")) with { Id = "2", Name = "gateway-2:5050" })));
        Assert.Equal((OperatorState.Trouble, "Redis (gateway-2:5050): the shared store does not answer."), (found.State, found.What));
    }

    [Theory]
    [InlineData(0, "$0")]
    [InlineData(412_100_000_000_000, "$412.10")]
    [InlineData(1_234_567_891_000_000, "$1,234.57")]
    [InlineData(980_000_000_000, "$0.98")]
    [InlineData(29_812_345, "$0.0000298")]
    [InlineData(1, "$0.000000000001")]
    [InlineData(-2_500_000_000_000, "-$2.50")]
    public void Amounts_have_cents_or_three_digits(long picodollars, string text) =>
        Assert.Equal(text, Amounts.Dollars(new Picodollars(picodollars)));

    [Theory]
    [InlineData(950, "950")]
    [InlineData(1_000, "1.0k")]
    [InlineData(114_300, "114k")]
    [InlineData(13_812_345, "13.8M")]
    [InlineData(2_000_000_000, "2.0B")]
    public void Counts_are_short(long count, string text) => Assert.Equal(text, Amounts.Count(count));

    private static OverviewFacts Facts(params ReplicaReport[] replicas) => new() { At = DateTimeOffset.UnixEpoch, Replicas = replicas };

    private static ReplicaNode Node(uint id, string state) =>
        new(id, state, 0, 0, new Dictionary<string, long>(), new Dictionary<int, long>());

    private static ReplicaReport Replica(ReplicaCheck? check = null, params ReplicaNode[] nodes) => new()
    {
        Id = "1",
        Name = "gateway-1:5050",
        Version = "1.0.0",
        Started = DateTimeOffset.UnixEpoch,
        Health = "ready",
        Checks = check is null ? [] : [check],
        Nodes = nodes,
    };
}
