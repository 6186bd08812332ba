using Grpc.Core;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;
using static Xmtp.Gateway.Tests.MultiPayer.FundingStage;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A payer that keeps up the gas of its senders, on a real chain.</summary>
public sealed class SenderFundingTests
{
    private const ulong Rich = 1_000_000_000;
    private static readonly string[] Short = ["payer=\"app-a\"", "reason=\"payer\""];
    private static readonly string[] Capped = ["payer=\"app-a\"", "reason=\"day\""];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sender_below_the_level_gets_gas_up_to_it_and_one_above_it_or_of_another_payer_gets_none()
    {
        await using var stage = await FundingStage.StartAsync("0.05", [First, Second]);
        await stage.GiveAsync(First, 500_000);
        await stage.GiveAsync(Second, Below);
        await stage.GiveAsync(SenderOfOther, 500_000);
        await stage.GiveAsync(PayerOfOther, Rich);
        // A payer that has what it transfers, and not the fees, transfers nothing.
        await stage.GiveAsync(Payer, To - 500_000);
        await stage.MeasuresAsync("9500000", "xmtp_gateway_sender_transfers_payer_gwei", "payer=\"app-a\"");
        var before = await stage.MetricAsync("xmtp_gateway_sender_transfers_refused_total", Short);
        await Eventually.IsAsync(
            async () => await stage.MetricAsync("xmtp_gateway_sender_transfers_refused_total", Short) != before, "it is refused");
        Assert.Contains(stage.Logs.Lines, line => line.Contains("has too little itself on the App Chain", StringComparison.Ordinal));
        Assert.Equal(0ul, await stage.CountAsync(Payer));

        await stage.GiveAsync(Payer, Rich);
        await stage.HasAsync(First, To);
        await stage.MeasuresAsync("10000000", "xmtp_gateway_sender_gas_balance_gwei", LabelOf(First));

        Assert.Equal(1ul, await stage.CountAsync(Payer));
        await stage.MeasuresAsync("1", "xmtp_gateway_sender_transfers_total", LabelOf(First), "payer=\"app-a\"");
        await stage.MeasuresAsync("9500000", "xmtp_gateway_sender_transfers_gwei_total", LabelOf(First), "payer=\"app-a\"");
        await stage.MeasuresAsync("40500000", "xmtp_gateway_sender_transfers_left_gwei", "payer=\"app-a\"");
        await stage.MeasuresAsync("500000", "xmtp_gateway_sender_gas_balance_gwei", LabelOf(SenderOfOther));
        await stage.MeasuresAsync("2000000", "xmtp_gateway_sender_gas_balance_gwei", LabelOf(Second));
        Assert.Null(await stage.MetricAsync("xmtp_gateway_sender_transfers_left_gwei", "payer=\"app-b\""));
        Assert.Equal((1ul, 0ul), (await stage.CountAsync(Payer), await stage.CountAsync(PayerOfOther)));
        // What the payer gave is no gas of commits.
        await stage.MeasuresAsync("0", "xmtp_gateway_estimated_gas_gwei_total", "payer=\"app-a\"");
        await stage.MeasuresAsync("0", "xmtp_gateway_gas_spend_gwei_per_day", "payer=\"app-a\"");
    }

    [Fact]
    public async Task A_sender_that_could_not_pay_for_a_transaction_gets_gas_before_the_funds_are_read_again()
    {
        await using var stage = await FundingStage.StartAsync("0.05", [First], refresh: "1h");
        await Eventually.IsAsync(
            async () => await stage.MetricAsync("xmtp_gateway_sender_transfers_refused_total", Short) is not null, "the reading was seen");
        await stage.GiveAsync(Payer, Rich);
        using var client = new ProtocolClient(stage.Network.Gateway, Form.Grpc);
        var envelope = Envelopes.Request(Envelopes.Commit());

        await Eventually.IsAsync(async () => (await client.PublishAsync(envelope, Caller)).Code == StatusCode.OK, "it is published");

        Assert.Equal((1ul, 1ul), (await stage.CountAsync(Payer), await stage.CountAsync(First)));
    }

    [Fact]
    public async Task A_transfer_that_is_stuck_is_replaced_by_one_of_the_same_amount()
    {
        await using var stage = await FundingStage.StartAsync("0.05", [First], more: "--app-chain.stuck-after=2s");
        await stage.Network.Chain.SetAutomineAsync(false, Cancel);
        await stage.GiveAsync(Payer, Rich);
        await stage.Logs.UntilAsync(
            () => stage.Logs.Lines.Any(line => line.Contains("replaced the transaction of nonce 0", StringComparison.Ordinal)), Cancel);
        await stage.Network.Chain.SetAutomineAsync(true, Cancel);
        await stage.Network.Chain.MineAsync(1, Cancel);

        await stage.HasAsync(First, To);
        Assert.Equal(1ul, await stage.CountAsync(Payer));
        await stage.MeasuresAsync("1", "xmtp_gateway_sender_transfers_total", LabelOf(First), "payer=\"app-a\"");
        await stage.MeasuresAsync("40000000", "xmtp_gateway_sender_transfers_left_gwei", "payer=\"app-a\"");
    }

    [Fact]
    public async Task Changed_amounts_apply_without_a_restart_and_what_was_transferred_today_stays_counted()
    {
        byte[] senders = [First, Second];
        await using var stage = await FundingStage.StartAsync("0.014", senders);
        await stage.GiveAsync(Second, Rich);
        await stage.GiveAsync(Payer, Rich);
        await stage.HasAsync(First, To);
        await stage.GiveAsync(Second, 0);
        await Eventually.IsAsync(
            async () => await stage.MetricAsync("xmtp_gateway_sender_transfers_refused_total", Capped) is not null, "the day is used up");

        stage.Change(senders, FundSenders("0.012", "0.05"));
        await stage.HasAsync(Second, 12_000_000);
        await stage.MeasuresAsync("28000000", "xmtp_gateway_sender_transfers_left_gwei", "payer=\"app-a\"");

        stage.Change(senders, "");
        await Eventually.IsAsync(
            async () => await stage.MetricAsync("xmtp_gateway_sender_transfers_left_gwei", "payer=\"app-a\"") is null,
            "nothing is transferred any more");
        Assert.Equal(2ul, await stage.CountAsync(Payer));
    }

    [Fact]
    public async Task The_amount_of_a_day_holds_for_a_process_that_starts_later()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var stage = await FundingStage.StartAsync("0.014", [First], redis: redis);
        await stage.GiveAsync(Payer, Rich);
        await stage.HasAsync(First, To);
        await stage.GiveAsync(First, 0);
        await Eventually.IsAsync(
            async () => await stage.MetricAsync("xmtp_gateway_sender_transfers_refused_total", Capped) is not null, "the day is used up");

        await using var later = await stage.StartReplicaAsync("gets no more gas today (UTC): the 14000000 gwei of maxPerDay are used up");

        Assert.Equal(1ul, await stage.CountAsync(Payer));
        await stage.MeasuresAsync("4000000", "xmtp_gateway_sender_transfers_left_gwei", "payer=\"app-a\"");
    }

    [Fact]
    public async Task Two_replicas_give_each_sender_gas_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var stage = await FundingStage.StartAsync("0.05", [First, Second], redis: redis);
        await using var other = await stage.StartReplicaAsync("has too little itself on the App Chain");
        await Eventually.IsAsync(
            async () => await stage.MetricAsync("xmtp_gateway_sender_transfers_refused_total", Short) is not null, "both need gas");

        await stage.GiveAsync(Payer, Rich);
        await stage.HasAsync(First, To);
        await stage.HasAsync(Second, To);
        await stage.MeasuresAsync("10000000", "xmtp_gateway_sender_gas_balance_gwei", LabelOf(First));
        await stage.MeasuresAsync("10000000", "xmtp_gateway_sender_gas_balance_gwei", LabelOf(Second));

        Assert.Equal(2ul, await stage.CountAsync(Payer));
        await stage.MeasuresAsync("30000000", "xmtp_gateway_sender_transfers_left_gwei", "payer=\"app-a\"");
    }

    [Fact]
    public async Task A_transfer_of_a_process_that_was_killed_is_sent_by_the_next_and_no_second_one_is()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var stage = await FundingStage.StartAsync("0.05", [First, Second], redis: redis, hasGateway: false);
        await stage.GiveAsync(Payer, Rich);
        await stage.GiveAsync(Second, Rich);
        await using var proxy = await RpcProxy.StartAsync(stage.Network.ChainUrl);
        var sent = new TaskCompletionSource();
        proxy.Fault = async (method, _, forward) =>
        {
            if (method != "eth_sendRawTransaction") return await forward();
            // The process does not learn whether the chain has it.
            sent.TrySetResult();
            return null;
        };
        await using (var lost = await stage.StartReplicaAsync("started api server", proxy.Url))
        {
            await sent.Task.WaitAsync(Cancel);
            await lost.SignalAsync("KILL");
        }

        Assert.Equal(0ul, await stage.CountAsync(Payer));

        await using var next = await stage.StartReplicaAsync("started api server");
        await stage.HasAsync(First, To);
        await stage.GiveAsync(Second, 0);
        await stage.HasAsync(Second, To);

        Assert.Equal(2ul, await stage.CountAsync(Payer));
        await stage.HasAsync(First, To);
    }
}
