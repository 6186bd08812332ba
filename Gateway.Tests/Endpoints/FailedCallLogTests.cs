using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>Each failed or refused call is a line of the log, with what the caller got.</summary>
public sealed class FailedCallLogTests : IDisposable
{
    private readonly CapturedLogs _logs = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Form> Forms => [.. Enum.GetValues<Form>()];

    public void Dispose() => _logs.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_refusal_is_a_warning_with_the_hash_of_the_identity_and_the_text(Form form)
    {
        await using var gateway = await StartAsync(services => services.AddSingleton<IPublishAuthorizer>(
            new DelegateAuthorizer((_, _) => ValueTask.FromResult(AuthorizationDecision.Deny("not you")))));
        using var client = new ProtocolClient(gateway.Url, form);
        Assert.Equal(StatusCode.PermissionDenied, (await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()))).Code);

        var line = await LineAsync("PublishClientEnvelopes ended");
        Assert.Matches(
            @"^Warning .*: client unary RPC error: /xmtp\.xmtpv4\.payer_api\.PayerApi/PublishClientEnvelopes ended permission_denied " +
            @"\(PERMISSION_DENIED\) after [0-9.]+ ms, identity address [0-9a-f]{32}: not you; 0 such lines were suppressed before",
            line.Replace("] ", ": ", StringComparison.Ordinal));
        Assert.DoesNotContain("127.0.0.1", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_by_a_rule_is_counted_by_rule_and_reason()
    {
        await using var gateway = await TestGateway.WithAuthorizerAsync(_ => AuthorizationDecision.Deny("not you"));
        using var measured = new Measured(gateway.Services.GetRequiredService<IMeterFactory>(), "Xmtp.Gateway.Authorization");
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()));
        Assert.Equal(1, measured.Sum("xmtp_gateway_authorization_refusals_total", ("rule", nameof(DelegateAuthorizer))));
        Assert.Equal(1, measured.Sum("xmtp_gateway_authorization_refusals_total", ("reason", nameof(PublishErrorKind.PermissionDenied))));
    }

    [Theory]
    [InlineData(PublishErrorKind.InvalidArgument, LogLevel.Warning)]
    [InlineData(PublishErrorKind.ResourceExhausted, LogLevel.Warning)]
    [InlineData(PublishErrorKind.Internal, LogLevel.Error)]
    [InlineData(PublishErrorKind.Unavailable, LogLevel.Error)]
    [InlineData(PublishErrorKind.FailedPrecondition, LogLevel.Error)]
    [InlineData(PublishErrorKind.DeadlineExceeded, LogLevel.Warning)]
    public async Task The_level_says_whose_fault_it_was(PublishErrorKind kind, LogLevel level)
    {
        await using var gateway = await StartAsync();
        gateway.Network.Fails = _ => new PublishError(kind, "what was wrong") { Reason = "A_REASON" };
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()));

        var line = await LineAsync("(A_REASON)");
        Assert.StartsWith($"{level} ", line, StringComparison.Ordinal);
        Assert.Contains(": what was wrong;", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_that_reach_no_method_are_logged_too()
    {
        await using var gateway = await StartAsync();
        using var http = new HttpClient();
        await http.GetAsync(new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes"), Cancel);
        Assert.Contains("GetNodes ended unimplemented", await LineAsync("HTTP status 405"), StringComparison.Ordinal);
        using var body = new StringContent("x");
        await http.PostAsync(new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes"), body, Cancel);
        Assert.Contains("identity none none", await LineAsync("HTTP status 415"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_most_ten_refusals_a_second_are_logged_and_the_next_line_counts_the_suppressed()
    {
        var time = new FakeTimeProvider();
        await using var gateway = await StartAsync(services => services.AddSingleton<TimeProvider>(time)
            .AddSingleton<IIdentityResolver>(new DelegateIdentityResolver(
                (_, _) => ValueTask.FromResult(IdentityResult.Unauthenticated("no token")))));
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        for (var i = 0; i < 25; i++) await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()));
        Assert.Equal(10, _logs.Lines.Count(line => line.Contains("ended unauthenticated", StringComparison.Ordinal)));

        time.Advance(TimeSpan.FromSeconds(1));
        await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()));
        await LineAsync("15 such lines were suppressed before");
    }

    private Task<TestGateway> StartAsync(Action<IServiceCollection>? services = null) => TestGateway.StartAsync(services: collection =>
    {
        collection.AddLogging(logging => logging.AddProvider(_logs));
        services?.Invoke(collection);
    });

    private async Task<string> LineAsync(string text)
    {
        bool IsIt(string line) => line.Contains(text, StringComparison.Ordinal);
        await _logs.UntilAsync(() => _logs.Lines.Any(IsIt), Cancel);
        return _logs.Lines.First(IsIt);
    }
}
