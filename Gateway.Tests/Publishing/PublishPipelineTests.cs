using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Publishing;

public class PublishPipelineTests
{
    [Fact]
    public async Task A_caller_without_identity_gets_that_error_before_any_error_of_its_envelopes()
    {
        await using var rig = await PublishRig.StartAsync(
            1, services => services.Replace(ServiceDescriptor.Singleton<IIdentityResolver, Nobody>()));
        var error = (await rig.PublishAsync([0xFF], TimeSpan.FromSeconds(10), default)).Failure(PublishErrorKind.Unauthenticated);
        Assert.Equal("no token", error.Message);
    }

    [Fact]
    public async Task A_bad_envelope_is_named_by_index_and_field_and_no_envelope_of_the_request_is_sent()
    {
        await using var rig = await PublishRig.StartAsync(1);
        var bad = Envelopes.Welcome();
        bad.Aad.TargetTopic = ByteString.CopyFrom(9, 1);
        var error = (await rig.PublishAsync(Envelopes.Welcome(), bad)).Failure(PublishErrorKind.InvalidArgument);
        Assert.Equal(1, error.EnvelopeIndex);
        Assert.Equal("aad.target_topic", error.Field);
        Assert.Equal([0], rig.Calls);
    }

    [Fact]
    public async Task A_request_without_envelopes_is_refused()
    {
        await using var rig = await PublishRig.StartAsync(1);
        Assert.Null((await rig.PublishAsync()).Failure(PublishErrorKind.InvalidArgument).EnvelopeIndex);
    }

    [Fact]
    public async Task Authorizers_see_the_checked_envelopes_and_their_refusal_sends_nothing()
    {
        PublishContext? seen = null;
        var rule = new Rule(context =>
        {
            seen = context;
            return AuthorizationDecision.Limited("10 a minute", TimeSpan.FromSeconds(7));
        });
        await using var rig = await PublishRig.StartAsync(1, services => services.AddSingleton<IPublishAuthorizer>(rule));
        var error = (await rig.PublishAsync(Envelopes.Welcome(), Envelopes.Application())).Failure(PublishErrorKind.ResourceExhausted);

        Assert.Equal(TimeSpan.FromSeconds(7), error.RetryAfter);
        Assert.Equal([PayloadKind.WelcomeMessage, PayloadKind.GroupMessage], seen!.Envelopes.Select(envelope => envelope.Payload));
        Assert.Equal(new ClientIdentity("test", "anyone"), seen.Identity);
        Assert.Equal(0, seen.Cost.Total.Value);
        Assert.Equal([0], rig.Calls);
    }

    [Fact]
    public async Task A_hook_that_throws_is_an_internal_error_that_says_nothing_of_it()
    {
        var rule = new Rule(_ => throw new InvalidOperationException("secret 42"));
        await using var rig = await PublishRig.StartAsync(1, services => services.AddSingleton<IPublishAuthorizer>(rule));
        Assert.DoesNotContain("42", (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Internal).Message);
        Assert.Equal([0], rig.Calls);
    }

    [Fact]
    public async Task A_hook_that_never_answers_ends_with_the_deadline()
    {
        await using var rig = await PublishRig.StartAsync(
            1, services => services.Replace(ServiceDescriptor.Singleton<IIdentityResolver, Undecided>()));
        var publish = rig.PublishAsync(TimeSpan.FromSeconds(3), default, Envelopes.Welcome());
        rig.Time.Advance(TimeSpan.FromSeconds(3));
        (await publish).Failure(PublishErrorKind.DeadlineExceeded);
    }

    [Fact]
    public async Task A_signer_that_fails_is_not_the_nodes_fault()
    {
        var signer = new BrokenSigner { Broken = true };
        await using var rig = await PublishRig.StartAsync(1, services => services.Replace(ServiceDescriptor.Singleton<ISigner>(signer)));
        for (var i = 0; i < 5; i++)
            Assert.DoesNotContain("vault", (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable).Message);
        signer.Broken = false;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal([1], rig.Calls);
    }

    [Fact]
    public async Task A_batch_larger_than_a_nodes_limit_travels_in_several_calls()
    {
        await using var rig = await PublishRig.StartAsync(1);
        var sent = Enumerable.Range(0, 3).Select(i => Envelopes.Application((byte)i, 9 * 1024 * 1024)).ToArray();
        (await rig.PublishAsync(sent)).WasPublishedBy(100u, 100u, 100u);
        Assert.Equal([2], rig.Calls);
    }

    private sealed class Nobody : IIdentityResolver
    {
        public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
            new(IdentityResult.Unauthenticated("no token"));
    }

    private sealed class Undecided : IIdentityResolver
    {
        public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
            new(new TaskCompletionSource<IdentityResult>().Task);
    }

    private sealed class Rule(Func<PublishContext, AuthorizationDecision> decide) : IPublishAuthorizer
    {
        public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken) =>
            new(decide(publish));
    }

    private sealed class BrokenSigner : ISigner
    {
        public bool Broken { get; set; }

        public EthereumAddress Address => Payers.Signer().Address;

        public ReadOnlyMemory<byte> PublicKey => Payers.Signer().PublicKey;

        public async ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
        {
            await Task.Yield();
            if (Broken) throw new HttpRequestException("vault.internal does not answer");
            await Payers.Signer().SignAsync(hash, signature, cancellationToken);
        }
    }
}
