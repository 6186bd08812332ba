using Google.Rpc;
using Grpc.Core;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

public class ErrorTests
{
    public static TheoryData<Form> Forms => [.. Enum.GetValues<Form>()];

    public static TheoryData<Form, PublishErrorKind, StatusCode> Kinds
    {
        get
        {
            var all = new TheoryData<Form, PublishErrorKind, StatusCode>();
            foreach (var form in Enum.GetValues<Form>())
                foreach (var kind in Enum.GetValues<PublishErrorKind>())
                    all.Add(form, kind, Enum.Parse<StatusCode>(kind.ToString()));
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_kind_of_error_is_the_same_in_every_protocol(Form form, PublishErrorKind kind, StatusCode code)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Network.Fails = _ => new PublishError(kind, "100% „wrong“") { Reason = "A_REASON", RetryAfter = TimeSpan.FromSeconds(1.2) };
        using var client = new ProtocolClient(gateway.Url, form);

        var answer = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()));

        Assert.Equal((code, "100% „wrong“", "2"), (answer.Code, answer.Message, answer.RetryAfter));
        Assert.Equal(("xmtp-gateway", "A_REASON"), (answer.Detail<ErrorInfo>().Domain, answer.Detail<ErrorInfo>().Reason));
        Assert.Equal(2, answer.Detail<RetryInfo>().RetryDelay.Seconds);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Refusals_of_authorizers_keep_their_text_and_their_wait(Form form)
    {
        var decision = AuthorizationDecision.Allow;
        await using var gateway = await TestGateway.WithAuthorizerAsync(_ => decision);
        using var client = new ProtocolClient(gateway.Url, form);
        (AuthorizationDecision, StatusCode, string?)[] cases =
        [
            (AuthorizationDecision.Unauthenticated("no token"), StatusCode.Unauthenticated, null),
            (AuthorizationDecision.Deny("not you"), StatusCode.PermissionDenied, null),
            (AuthorizationDecision.Limited("50 messages a minute", TimeSpan.FromMilliseconds(3)), StatusCode.ResourceExhausted, "1"),
            (AuthorizationDecision.TooLarge("split the batch"), StatusCode.InvalidArgument, null),
        ];

        foreach (var (refusal, code, retryAfter) in cases)
        {
            decision = refusal;
            var answer = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()));
            Assert.Equal((code, refusal.Refusal!.Message, retryAfter), (answer.Code, answer.Message, answer.RetryAfter));
        }

        Assert.Empty(gateway.Network.Published);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_field_at_fault_is_named(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var client = new ProtocolClient(gateway.Url, form);
        var wrong = Envelopes.Welcome();
        wrong.Aad.TargetTopic = Google.Protobuf.ByteString.CopyFrom(1);

        var answer = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome(), Envelopes.Welcome(2), wrong));

        Assert.Equal(StatusCode.InvalidArgument, answer.Code);
        Assert.StartsWith("envelopes[2].aad.target_topic: ", answer.Message, StringComparison.Ordinal);
        Assert.Equal("envelopes[2].aad.target_topic", Assert.Single(answer.Detail<BadRequest>().FieldViolations).Field);
        Assert.Empty(gateway.Network.Published);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_batch_that_half_failed_says_which_envelopes_are_done(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Network.Fails = envelope => envelope.Index is 2 or 3 or 5
            ? new PublishError(PublishErrorKind.Unavailable, "no node took it")
            : null;
        using var client = new ProtocolClient(gateway.Url, form);

        var answer = await client.PublishAsync(
            Envelopes.Request([.. Enumerable.Range(0, 7).Select(i => Envelopes.Welcome((byte)(i + 1)))]));

        Assert.Equal(StatusCode.Unavailable, answer.Code);
        Assert.Equal("UNAVAILABLE", answer.Detail<ErrorInfo>().Reason);
        Assert.Equal("0-1,4,6", answer.Detail<ErrorInfo>().Metadata["published_indexes"]);
        Assert.Equal("4", answer.Detail<ErrorInfo>().Metadata["published_count"]);
    }

    [Fact]
    public async Task A_list_of_indexes_too_long_for_a_header_is_cut_and_says_so()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Network.Fails = envelope => envelope.Index % 2 == 0
            ? new PublishError(PublishErrorKind.Unavailable, "no node took it")
            : null;
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        var one = Envelopes.Welcome();

        var answer = await client.PublishAsync(Envelopes.Request([.. Enumerable.Repeat(one, 2000)]));

        var metadata = answer.Detail<ErrorInfo>().Metadata;
        Assert.Equal("1000", metadata["published_count"]);
        Assert.EndsWith(",...", metadata["published_indexes"], StringComparison.Ordinal);
        Assert.True(metadata["published_indexes"].Length < 2100);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_text_of_an_exception_is_not_returned(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Network.Before = (_, _) => throw new InvalidOperationException("https://user:secret@rpc.example");
        using var client = new ProtocolClient(gateway.Url, form);

        var answer = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()));

        Assert.Equal(StatusCode.Internal, answer.Code);
        Assert.DoesNotContain("secret", answer.Message + answer.Details, StringComparison.Ordinal);
    }
}
