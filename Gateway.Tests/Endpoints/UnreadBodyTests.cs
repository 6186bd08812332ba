using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>Callers that are refused by their headers alone send headers and never a body, and must get their answer.</summary>
public class UnreadBodyTests
{
    private const int MiB = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> OverHttp1 => StrangerTests.OverHttp1;

    public static TheoryData<string> OverHttp2 => ["application/grpc", "application/grpc+json", "application/proto", "application/json"];

    [Theory, MemberData(nameof(OverHttp1))]
    public async Task A_caller_not_on_the_allowlist_is_refused_before_the_body_is_read(string type)
    {
        await using var gateway = await WithAllowlistAsync("10.0.0.0/8");
        Assert.Contains(Denied(type), await HeadersAloneAsync(gateway, type), StringComparison.OrdinalIgnoreCase);
        await Eventually.IsAsync(() => gateway.Services.GetRequiredService<BytesInFlight>().InUse == 0, "nothing is held");
    }

    [Theory, MemberData(nameof(OverHttp2))]
    public async Task A_caller_not_on_the_allowlist_is_refused_on_http2_before_the_body_is_read(string type)
    {
        await using var gateway = await WithAllowlistAsync("10.0.0.0/8");
        using var http = new HttpClient();
        using var response = await HeldContent.AnswerAsync(http, new Uri(gateway.Url, RawConnection.Publish), type);
        if (type.StartsWith("application/grpc", StringComparison.Ordinal))
            Assert.Equal("7", response.Headers.GetValues("grpc-status").Single());
        else
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData(Form.Grpc)]
    [InlineData(Form.GrpcWeb)]
    [InlineData(Form.ConnectProto)]
    [InlineData(Form.ConnectJson)]
    public async Task A_caller_on_the_allowlist_is_served(Form form)
    {
        await using var gateway = await WithAllowlistAsync("127.0.0.0/8");
        using var client = new ProtocolClient(gateway.Url, form);
        Assert.Equal(StatusCode.OK, (await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()))).Code);
    }

    [Fact]
    public async Task A_caller_authorizer_runs_once_a_call_before_the_envelope_authorizers()
    {
        var callers = new CallerRule();
        var asked = new List<string>();
        callers.Asked = caller => asked.Add($"caller {caller.Kind}");
        await using var gateway = await TestGateway.StartAsync(services: services => services
            .AddSingleton<IPublishAuthorizer>(new DelegateAuthorizer((publish, _) =>
            {
                asked.Add($"{publish.Envelopes.Count} envelope");
                return ValueTask.FromResult(AuthorizationDecision.Allow);
            }))
            .AddSingleton<IPublishAuthorizer>(callers));
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        Assert.Equal(StatusCode.OK, (await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()))).Code);
        Assert.Equal(["caller address", "1 envelope"], asked);

        // Nothing is said of its envelopes to a caller that may not publish.
        var refused = await client.PublishAsync(Envelopes.Request(), ("banned", "yes"));
        Assert.Equal((StatusCode.PermissionDenied, "banned"), (refused.Code, refused.Message));
        Assert.Equal(["caller address", "1 envelope", "caller address"], asked);
    }

    [Fact]
    public async Task A_caller_over_the_limit_of_repetitions_is_refused_before_the_body_is_read()
    {
        await using var gateway = await TestGateway.StartAsync(services: services => services
            .Configure<LimitsOptions>(limits => limits.RepeatedBytes = 1)
            .Configure<IdempotencyOptions>(once => once.Window = TimeSpan.FromMinutes(10)));
        using var client = new ProtocolClient(gateway.Url, Form.ConnectProto);
        var request = Envelopes.Request(Envelopes.Welcome(size: MiB));
        for (var i = 0; i < 2; i++) Assert.Equal(StatusCode.OK, (await client.PublishAsync(request)).Code);
        Assert.Contains("HTTP/1.1 429 ", await HeadersAloneAsync(gateway, "application/proto"), StringComparison.Ordinal);
    }

    private static string Denied(string type) =>
        type.Contains("grpc", StringComparison.Ordinal) ? "grpc-status: 7" : "HTTP/1.1 403 ";

    private static async Task<string> HeadersAloneAsync(TestGateway gateway, string type)
    {
        using var connection = await RawConnection.OpenAsync(gateway);
        await connection.SendHeadersAsync(type, 20 * MiB);
        return await connection.ReadHeadersAsync();
    }

    private static Task<TestGateway> WithAllowlistAsync(string addresses) => TestGateway.StartAsync(
        services: services => services.AddSingleton<IPublishAuthorizer>(new AllowlistAuthorizer([addresses])));

    private sealed class CallerRule : ICallerAuthorizer
    {
        public Action<ClientIdentity> Asked { get; set; } = _ => { };

        public ValueTask<AuthorizationDecision> AuthorizeAsync(
            ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken)
        {
            Asked(caller);
            return ValueTask.FromResult(
                headers.ContainsKey("banned") ? AuthorizationDecision.Deny("banned") : AuthorizationDecision.Allow);
        }
    }
}
