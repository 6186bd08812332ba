using Google.Rpc;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A gateway with several payers in front of real nodes and a real chain.</summary>
public sealed class SeveralPayersTests(SeveralPayersFixture box) : IClassFixture<SeveralPayersFixture>
{
    private static readonly (string Name, string Value) KeyHeader = SeveralPayersFixture.KeyHeader;

    private static string ReasonOf(Answer answer) => answer.Detail<ErrorInfo>().Reason;

    private void AssertSigned(Answer answer, string payer, ClientEnvelope sent) => OriginatorProof.CheckAnswer(
        box.Network, answer, PayersFileOnDisk.SignerOf(SeveralPayersFixture.Seeds[payer]).Address, sent);

    [Fact]
    public async Task Each_callers_own_payer_signs_its_messages_for_nodes_and_its_commits_for_the_chain()
    {
        foreach (var (payer, header, seed) in new[]
        {
            ("app-a", box.TokenOfA("a"), (byte)1), ("app-b", box.TokenOfB(), (byte)2), ("app-c", KeyHeader, (byte)3),
        })
        {
            var (message, before) = (Envelopes.Welcome(seed), await box.NonceAsync(payer));
            AssertSigned(await box.PublishAsync(message, header), payer, message);
            Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Commit(seed), header)).Code);
            Assert.Equal(before + 1, await box.NonceAsync(payer));
        }
    }

    [Fact]
    public async Task A_payer_without_money_refuses_its_own_callers_and_nobody_else()
    {
        var empty = await box.PublishAsync(Envelopes.Welcome(10), box.TokenOfA("dry"));
        Assert.Equal((StatusCode.FailedPrecondition, "PAYER_BALANCE_EMPTY"), (empty.Code, ReasonOf(empty)));
        var gasless = await box.PublishAsync(Envelopes.Commit(10), box.TokenOfA("dry"));
        Assert.Equal((StatusCode.Unavailable, "APP_CHAIN_FUNDS_EMPTY"), (gasless.Code, ReasonOf(gasless)));
        // Of more callers than it takes to avoid a node for its refusals.
        for (byte caller = 0; caller < 5; caller++)
        {
            var refused = await box.PublishAsync(Envelopes.Welcome((byte)(20 + caller)), box.TokenOfA("dry", $"user{caller}"));
            Assert.Equal(StatusCode.FailedPrecondition, refused.Code);
        }

        var message = Envelopes.Welcome(11);
        AssertSigned(await box.PublishAsync(message, box.TokenOfA("a")), "app-a", message);
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Commit(11), box.TokenOfA("a"))).Code);
    }

    [Fact]
    public async Task A_caller_of_no_payer_and_one_of_two_are_refused_in_words()
    {
        var none = await box.PublishAsync(Envelopes.Welcome(30), box.TokenOfA("A"));
        Assert.Equal(
            (StatusCode.PermissionDenied, "the caller belongs to no payer of this gateway", "NO_PAYER"),
            (none.Code, none.Message, ReasonOf(none)));
        var two = await box.PublishAsync(Envelopes.Welcome(30), box.TokenOfA("a"), KeyHeader);
        Assert.Equal((StatusCode.PermissionDenied, "SEVERAL_PAYERS"), (two.Code, ReasonOf(two)));
        Assert.Equal("the caller belongs to more than one payer of this gateway, and only one may pay", two.Message);
        Assert.Equal(StatusCode.Unauthenticated, (await box.PublishAsync(Envelopes.Welcome(30))).Code);
        Assert.Equal(StatusCode.Unauthenticated, (await box.PublishAsync(Envelopes.Welcome(30), ("x-api-key", "another"))).Code);
        Assert.Equal(StatusCode.Unauthenticated, (await box.PublishAsync(Envelopes.Welcome(30), KeyHeader, KeyHeader)).Code);
    }

    [Fact]
    public async Task An_issuer_cannot_speak_for_another_whatever_its_tokens_say()
    {
        var forged = await box.PublishAsync(Envelopes.Welcome(40), box.TokenOfB(issuer: SeveralPayersFixture.IssuerA, app: "a"));
        Assert.Equal((StatusCode.Unauthenticated, "the token's signature is not the issuer's"), (forged.Code, forged.Message));

        // The claim by which the other issuer's callers are known makes nobody of this one a caller of that payer.
        var (message, before) = (Envelopes.Welcome(41), await box.NonceAsync("app-a"));
        AssertSigned(await box.PublishAsync(message, box.TokenOfB("bob", app: "a")), "app-b", message);
        Assert.Equal(before, await box.NonceAsync("app-a"));
    }

    [Fact]
    public async Task Limits_and_results_of_one_name_at_two_issuers_are_kept_apart()
    {
        var sent = Enumerable.Range(50, 4).Select(seed => Envelopes.Welcome((byte)seed)).ToList();
        for (var i = 0; i < 3; i++)
            Assert.Equal(StatusCode.OK, (await box.PublishAsync(sent[i], box.TokenOfB("carol"))).Code);
        var over = await box.PublishAsync(sent[3], box.TokenOfB("carol"));
        Assert.Equal((StatusCode.ResourceExhausted, "RATE_LIMITED"), (over.Code, ReasonOf(over)));

        // Of the other issuer it is another caller, of a payer without limits: each of the same bytes is signed by that payer.
        foreach (var envelope in sent)
            AssertSigned(await box.PublishAsync(envelope, box.TokenOfA("a", "carol")), "app-a", envelope);
    }

    [Fact]
    public async Task A_commit_that_one_payer_published_is_not_paid_for_by_another()
    {
        var commit = Envelopes.Commit(60);
        var first = await box.PublishAsync(commit, box.TokenOfA("a"));
        Assert.Equal(StatusCode.OK, first.Code);
        var before = await box.NonceAsync("app-c");

        var again = await box.PublishAsync(commit, KeyHeader);

        Assert.Equal(first.Reply, again.Reply);
        Assert.Equal(before, await box.NonceAsync("app-c"));
    }

    [Fact]
    public async Task A_web_page_publishes_with_its_own_payer_alone()
    {
        (string, string) own = ("origin", "https://c.example"), other = ("origin", "https://a.example");
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(70), KeyHeader, own)).Code);
        var foreign = await box.PublishAsync(Envelopes.Welcome(71), KeyHeader, other);
        Assert.Equal((StatusCode.PermissionDenied, "ORIGIN_NOT_ALLOWED"), (foreign.Code, ReasonOf(foreign)));
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(71), box.TokenOfA("a"), other)).Code);
    }
}
