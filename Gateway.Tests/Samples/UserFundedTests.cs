using System.Text;
using Google.Rpc;
using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.MultiPayer;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Deployment;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Samples;

/// <summary>samples/UserFunded as readers start it, in front of nodes that check balances.</summary>
public sealed class UserFundedTests(UserFundedFixture box) : IClassFixture<UserFundedFixture>
{
    private static readonly PrivateKeySigner Alice = Payers.Signer(81);
    private static readonly PrivateKeySigner Bob = Payers.Signer(82);
    private static readonly PrivateKeySigner Carol = Payers.Signer(83);
    private int _sent;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_user_with_money_pays_more_messages_than_the_app_would_and_the_app_sends_the_commits()
    {
        await using var service = await WalletSigningService.StartAsync(Alice);
        await using var sample = await StartAsync(service);
        await DepositAsync(Alice);
        for (var i = 0; i < UserFundedFixture.MoreThanTheBudget; i++)
            await AssertPaidAsync(sample, box.TokenOf("alice", Alice), Alice.Address);

        var before = await NonceAsync(UserFundedFixture.App.Address);
        var commit = await sample.PublishAsync(Form.Grpc, [box.TokenOf("alice", Alice)], Envelopes.Commit(81));
        Assert.Equal((StatusCode.OK, ""), (commit.Code, commit.Message));
        Assert.Equal(before + 1, await NonceAsync(UserFundedFixture.App.Address));
    }

    [Fact]
    public async Task A_user_without_money_is_paid_by_the_app_until_the_budget_is_spent_and_pays_alone_after_a_deposit()
    {
        await using var service = await WalletSigningService.StartAsync(Bob);
        await using var sample = await StartAsync(service);
        await AssertPaidAsync(sample, box.TokenOf("nobody", null), UserFundedFixture.App.Address);
        var token = box.TokenOf("bob", Bob);
        await AssertPaidAsync(sample, token, UserFundedFixture.App.Address);

        var last = await PublishAsync(sample, token);
        for (var i = 0; last.Code == StatusCode.OK && i < UserFundedFixture.MoreThanTheBudget; i++)
            last = await PublishAsync(sample, token);
        Assert.Equal((StatusCode.ResourceExhausted, "BUDGET_SPENT"), (last.Code, last.Detail<ErrorInfo>().Reason));
        Assert.Contains("over the budget of 0.00005 dollars a day", last.Message, StringComparison.Ordinal);
        Assert.Empty(service.Requests);

        await DepositAsync(Bob);
        await Eventually.IsAsync(async () => (await PublishAsync(sample, token)).Code == StatusCode.OK, "the deposit is noticed");
        await AssertPaidAsync(sample, token, Bob.Address);
    }

    [Fact]
    public async Task Where_the_app_pays_for_nobody_users_without_money_are_refused_in_words()
    {
        await using var service = await WalletSigningService.StartAsync(Carol);
        await using var sample = await StartAsync(service, ("USERS_WITHOUT_MONEY", "refused"));
        var none = await PublishAsync(sample, box.TokenOf("nobody", null));
        Assert.Equal((StatusCode.PermissionDenied, "you have no wallet for messages"), (none.Code, none.Message));
        var empty = await PublishAsync(sample, box.TokenOf("carol", Carol));
        Assert.Equal(
            (StatusCode.PermissionDenied, $"your wallet {Carol.Address} has no money for messages; deposit some"),
            (empty.Code, empty.Message));
        Assert.Equal(StatusCode.Unauthenticated, (await sample.PublishAsync(Form.Grpc, Envelopes.Welcome())).Code);
    }

    [Fact]
    public async Task Callers_of_the_app_go_on_while_the_signing_service_hangs_and_its_users_wait_alone()
    {
        await using var service = await WalletSigningService.StartAsync(Alice);
        await using var sample = await StartAsync(service);
        await DepositAsync(Alice);
        var gate = new TaskCompletionSource();
        service.HangUntil(gate.Task);
        var hanging = Enumerable.Range(0, 10).Select(_ => PublishAsync(sample, box.TokenOf("alice", Alice))).ToList();
        await Eventually.IsAsync(() => service.Requests.Count == 1, "the service is asked");

        for (var i = 0; i < 10; i++) await AssertPaidAsync(sample, box.TokenOf($"user{i}", null), UserFundedFixture.App.Address);

        Assert.DoesNotContain(hanging, publish => publish.IsCompleted);
        gate.SetResult();
        Assert.All(await Task.WhenAll(hanging), answer => Assert.Equal((StatusCode.OK, ""), (answer.Code, answer.Message)));
    }

    [Fact]
    public async Task A_signing_service_that_does_not_answer_is_not_asked_for_a_while_and_signs_again_by_itself()
    {
        await using var service = await WalletSigningService.StartAsync(Alice);
        await using var sample = await StartAsync(service, ("SIGNER_TIMEOUT", "00:00:01"), ("SIGNER_PAUSE", "00:00:02"));
        await DepositAsync(Alice);
        var token = box.TokenOf("alice", Alice);
        await EventuallyPaidAsync(sample, token, Alice.Address);
        service.HangUntil(new TaskCompletionSource().Task);

        await Eventually.IsAsync(
            async () =>
            {
                var refused = await PublishAsync(sample, token);
                Assert.Equal((StatusCode.Unavailable, "the payer's key cannot sign now"), (refused.Code, refused.Message));
                return sample.Output.Contains("it is not asked for 2 s", StringComparison.Ordinal);
            },
            "the circuit breaker opens");
        await AssertPaidAsync(sample, box.TokenOf("other", null), UserFundedFixture.App.Address);

        service.Before = _ => Task.CompletedTask;
        await EventuallyPaidAsync(sample, token, Alice.Address);
        await Eventually.IsAsync(() => sample.Output.Contains("signs again", StringComparison.Ordinal), "it is in the log");
    }

    [Fact]
    public void The_payers_file_of_the_sample_is_understood()
    {
        List<string> faults = [];
        var text = Encoding.UTF8.GetBytes(DeploymentFiles.Read("samples/UserFunded/payers.json"));
        Assert.Equal("app", Assert.Single(PayersFile.Parse("payers.json", text, faults).Payers).Name);
        Assert.Empty(faults);
    }

    private async Task DepositAsync(PrivateKeySigner wallet) =>
        await box.Network.Chain.DepositAsync(wallet.Address, new Microdollars(50_000_000), Cancel);

    private async Task<ulong> NonceAsync(EthereumAddress address) =>
        (await box.Network.Chain.Rpc.GetTransactionCountAsync(address, BlockTag.Latest, Cancel)).OrThrow();

    private async Task<SampleProcess> StartAsync(WalletSigningService service, params (string Name, string Value)[] more)
    {
        var sample = await SampleProcess.StartAsync(
            "UserFunded", box, [.. box.Variables, ("SIGNER_URL", $"{service.Url}"), .. more]);
        await Eventually.IsAsync(
            async () => (await PublishAsync(sample, box.TokenOf("ready", null))).Code != StatusCode.Unavailable,
            "the sample knows the nodes");
        return sample;
    }

    private Task<Answer> PublishAsync(SampleProcess sample, (string Name, string Value) token) =>
        sample.PublishAsync(Form.Grpc, [token], Next());

    // Each message is another one, so that none is answered by the result of an earlier one.
    private ClientEnvelope Next() => Envelopes.Welcome((byte)++_sent, 200 + _sent);

    private async Task AssertPaidAsync(SampleProcess sample, (string Name, string Value) token, EthereumAddress payer)
    {
        var message = Next();
        AssertPaid(await sample.PublishAsync(Form.ConnectProto, [token], message), payer, message);
    }

    // Where the signing service may need longer than its timeout on a machine with little to spare.
    private async Task EventuallyPaidAsync(SampleProcess sample, (string Name, string Value) token, EthereumAddress payer)
    {
        var message = Next();
        Answer? answer = null;
        await Eventually.IsAsync(
            async () => (answer = await sample.PublishAsync(Form.Grpc, [token], message)).Code == StatusCode.OK,
            "the message is published");
        AssertPaid(answer!, payer, message);
    }

    private void AssertPaid(Answer answer, EthereumAddress payer, ClientEnvelope message) =>
        OriginatorProof.CheckAnswer(box.Network, answer, payer, message);
}
