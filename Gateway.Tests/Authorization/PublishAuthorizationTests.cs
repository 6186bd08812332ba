using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization;

public class PublishAuthorizationTests
{
    private static readonly PublishContext Attempt = new()
    {
        Identity = new ClientIdentity("test", "one"),
        Envelopes = [],
        Cost = default,
        Headers = new HeaderDictionary(),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_authorizers_everyone_may() => Assert.Null(await AuthorizeAsync());

    [Fact]
    public async Task One_alone_decides()
    {
        Assert.Null(await AuthorizeAsync(Says(AuthorizationDecision.Allow)));
        Assert.Equal("no", (await AuthorizeAsync(Says(AuthorizationDecision.Deny("no"))))!.Message);
    }

    [Fact]
    public async Task All_run_at_once()
    {
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());

        var refusal = await AuthorizeAsync(
            new DelegateAuthorizer(async (_, _) =>
            {
                first.SetResult();
                await second.Task;
                return AuthorizationDecision.Allow;
            }),
            new DelegateAuthorizer(async (_, _) =>
            {
                second.SetResult();
                await first.Task;
                return AuthorizationDecision.Allow;
            }));

        Assert.Null(refusal);
    }

    [Fact]
    public async Task The_first_refusal_in_the_order_added_wins_however_late_it_comes()
    {
        var later = new TaskCompletionSource();

        var refusal = await AuthorizeAsync(
            Says(AuthorizationDecision.Allow),
            new DelegateAuthorizer(async (_, _) =>
            {
                await later.Task;
                return AuthorizationDecision.Limited("second", TimeSpan.FromSeconds(9));
            }),
            new DelegateAuthorizer((_, _) =>
            {
                later.SetResult();
                return ValueTask.FromResult(AuthorizationDecision.Deny("third"));
            }));

        Assert.Equal(("second", TimeSpan.FromSeconds(9)), (refusal!.Message, refusal.RetryAfter));
    }

    [Fact]
    public async Task Authorizers_after_a_refusal_are_cancelled_and_have_ended_when_it_is_returned()
    {
        var ended = false;

        var refusal = await AuthorizeAsync(
            new DelegateAuthorizer(async (_, _) =>
            {
                await Task.Yield();
                return AuthorizationDecision.Deny("first");
            }),
            new DelegateAuthorizer(async (_, cancelled) =>
            {
                var wait = new TaskCompletionSource();
                await using var registration = cancelled.Register(wait.SetResult);
                await wait.Task;
                await Task.Yield();
                ended = true;
                return AuthorizationDecision.Allow;
            }));

        Assert.Equal("first", refusal!.Message);
        Assert.True(ended);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task An_authorizer_that_throws_refuses_without_its_text(int more)
    {
        var throws = new DelegateAuthorizer((_, _) => throw new InvalidOperationException("secret"));
        var refusal = await AuthorizeAsync([throws, .. Enumerable.Repeat(Says(AuthorizationDecision.Allow), more)]);
        Assert.Equal(PublishErrorKind.Internal, refusal!.Kind);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_caller_that_leaves_is_not_a_fault(int more)
    {
        using var left = new CancellationTokenSource();
        await left.CancelAsync();
        var waits = new DelegateAuthorizer((_, cancelled) =>
        {
            cancelled.ThrowIfCancellationRequested();
            return ValueTask.FromResult(AuthorizationDecision.Allow);
        });

        var refusal = await Of([waits, .. Enumerable.Repeat(Says(AuthorizationDecision.Allow), more)])
            .AuthorizeEnvelopesAsync(Attempt, left.Token);

        Assert.Equal(PublishErrorKind.Cancelled, refusal!.Kind);
    }

    private static DelegateAuthorizer Says(AuthorizationDecision decision) => new((_, _) => ValueTask.FromResult(decision));

    private static async Task<PublishError?> AuthorizeAsync(params IPublishAuthorizer[] authorizers) =>
        await Of(authorizers).AuthorizeEnvelopesAsync(Attempt, Cancel);

    private static PublishAuthorization Of(IEnumerable<IPublishAuthorizer> authorizers) =>
        new(authorizers, null, null, NullLogger<PublishAuthorization>.Instance);
}
