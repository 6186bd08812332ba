using Google.Rpc;
using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Wallets of callers, which pay their messages in place of the payer.</summary>
public sealed class CallersWalletsTests(CallersWalletsFixture box) : IClassFixture<CallersWalletsFixture>
{
    private const byte App = CallersWalletsFixture.App;
    private const byte Slow = CallersWalletsFixture.Slow;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DevNetwork Network => box.Network;

    [Fact]
    public async Task A_wallet_of_the_caller_pays_its_messages_and_the_payer_sends_its_commits()
    {
        var message = Envelopes.Welcome(1);
        AssertSigned(await PublishAsync("alice", 41, message), 41, message);

        var before = await NonceAsync(App);
        Assert.Equal(StatusCode.OK, (await PublishAsync("alice", 41, Envelopes.Commit(1))).Code);
        Assert.Equal((before + 1, 0UL), (await NonceAsync(App), await NonceAsync(41)));
    }

    [Fact]
    public async Task A_wallet_without_money_refuses_its_own_callers_and_nobody_else()
    {
        // Of more callers than it takes to avoid a node for its refusals.
        for (byte i = 0; i < 4; i++)
        {
            var empty = await PublishAsync($"poor{i}", CallersWalletsFixture.Empty, Envelopes.Welcome((byte)(10 + i)));
            Assert.Equal((StatusCode.FailedPrecondition, "PAYER_BALANCE_EMPTY"), (empty.Code, ReasonOf(empty)));
            Assert.Contains("the caller's wallet", empty.Message, StringComparison.Ordinal);
        }

        var message = Envelopes.Welcome(20);
        AssertSigned(await PublishAsync("bob", 42, message), 42, message);
    }

    [Fact]
    public async Task Budgets_count_what_the_payer_pays_and_not_what_a_wallet_of_the_caller_does()
    {
        var (published, last) = (0, await PublishAsync("carol", null, Envelopes.Welcome(1)));
        for (; last.Code == StatusCode.OK && published < 50; published++)
            last = await PublishAsync("carol", null, Envelopes.Welcome((byte)(2 + published)));
        Assert.Equal((StatusCode.ResourceExhausted, "BUDGET_SPENT"), (last.Code, ReasonOf(last)));
        Assert.InRange(published, 1, 49);

        for (var i = 0; i <= published; i++)
        {
            var message = Envelopes.Welcome((byte)(100 + i));
            AssertSigned(await PublishAsync("carol", 41, message), 41, message);
        }

        Assert.Equal(StatusCode.ResourceExhausted, (await PublishAsync("carol", null, Envelopes.Welcome(200))).Code);
    }

    [Fact]
    public async Task A_message_that_the_callers_wallet_paid_is_not_paid_again_by_the_payer()
    {
        var message = Envelopes.Welcome(1);
        var first = await PublishAsync("dora", 41, message);
        AssertSigned(first, 41, message);
        var before = Stored;

        var again = await PublishAsync("dora", null, message);

        Assert.Equal((StatusCode.OK, first.Reply), (again.Code, again.Reply));
        Assert.Equal(before, Stored);
    }

    [Fact]
    public async Task Callers_of_the_payer_and_of_other_wallets_go_on_while_one_wallet_does_not_sign()
    {
        var slow = Envelopes.Welcome(1);
        var hanging = Enumerable.Range(0, 20).Select(i => PublishAsync($"slow{i}", Slow, slow)).ToList();
        await Eventually.IsAsync(() => CallersWalletsFixture.Waiting == hanging.Count, "all of them are being signed");

        for (byte i = 0; i < 3; i++)
        {
            var (own, others) = (Envelopes.Welcome((byte)(10 + i)), Envelopes.Welcome((byte)(20 + i)));
            AssertSigned(await PublishAsync($"user{i}", null, own), App, own);
            AssertSigned(await PublishAsync("bob", 42, others), 42, others);
        }

        Assert.DoesNotContain(hanging, publish => publish.IsCompleted);
        CallersWalletsFixture.Release();
        foreach (var publish in hanging) AssertSigned(await publish, Slow, slow);
    }

    private int Stored => Network.Nodes.Sum(node => node.Store.OfOriginator(node.Id).Count);

    private static string ReasonOf(Answer answer) => answer.Detail<ErrorInfo>().Reason;

    private async Task<Answer> PublishAsync(string user, byte? wallet, ClientEnvelope envelope)
    {
        using var client = new ProtocolClient(Network.Gateway, Form.Grpc);
        return await client.PublishAsync(Envelopes.Request(envelope), ("user", user), ("wallet", $"{wallet}"));
    }

    private async Task<ulong> NonceAsync(byte seed) => (await Network.Chain.Rpc.GetTransactionCountAsync(
        PayersFileOnDisk.SignerOf(seed).Address, BlockTag.Latest, Cancel)).OrThrow();

    private void AssertSigned(Answer answer, byte seed, ClientEnvelope sent) =>
        OriginatorProof.CheckAnswer(Network, answer, PayersFileOnDisk.SignerOf(seed).Address, sent);
}
