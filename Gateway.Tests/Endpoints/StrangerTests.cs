using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using System.IO.Compression;
using System.Net;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>What callers without a credential cost, and what one caller may hold: over real sockets, in every protocol.</summary>
public class StrangerTests
{
    private const string Publish = RawConnection.Publish;
    private const string Loopback = "127.0.0.1/32";
    private const int MiB = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> OverHttp1 =>
    [
        "application/proto",
        "application/json",
        "application/grpc-web",
        "application/grpc-web+proto",
        "application/grpc-web+json",
        "application/grpc-web-text",
        "application/grpc-web-text+json",
    ];

    public static TheoryData<string, string> Packed => new()
    {
        { "2.0", "application/grpc" },
        { "2.0", "application/grpc+json" },
        { "2.0", "application/proto" },
        { "2.0", "application/json" },
        { "1.1", "application/grpc-web" },
        { "1.1", "application/proto" },
        { "1.1", "application/json" },
    };

    [Theory, MemberData(nameof(OverHttp1))]
    public async Task A_stranger_is_answered_before_the_body_comes(string type)
    {
        await using var gateway = await WithTokensAsync();
        using var connection = await RawConnection.OpenAsync(gateway);
        await connection.SendHeadersAsync(type, 20 * MiB);

        var answer = await connection.ReadHeadersAsync();

        Assert.Contains(
            type.Contains("grpc", StringComparison.Ordinal) ? "grpc-status: 16" : "HTTP/1.1 401 ",
            answer,
            StringComparison.OrdinalIgnoreCase);
        await Eventually.IsAsync(() => InFlight(gateway).InUse == 0, "nothing is held");
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+json")]
    [InlineData("application/proto")]
    [InlineData("application/json")]
    public async Task A_stranger_on_http2_is_answered_before_the_body_comes(string type)
    {
        await using var gateway = await WithTokensAsync();
        using var http = new HttpClient();
        using var response = await HeldContent.AnswerAsync(http, new Uri(gateway.Url, Publish), type);
        if (type.StartsWith("application/grpc", StringComparison.Ordinal))
            Assert.Equal("16", response.Headers.GetValues("grpc-status").Single());
        else
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory, MemberData(nameof(Packed))]
    public async Task A_bomb_of_a_stranger_is_not_unpacked(string version, string type)
    {
        await using var gateway = await WithTokensAsync();
        Assert.Equal(StatusCode.Unauthenticated, (await PostAsync(gateway, version, type, EmptyEnvelopes.Value)).Code);
    }

    [Theory, MemberData(nameof(Packed))]
    public async Task Millions_of_empty_envelopes_are_refused_by_their_number(string version, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        var isJson = type.EndsWith("json", StringComparison.Ordinal);
        var answer = await PostAsync(gateway, version, type, isJson ? EmptyEnvelopes.Value : EmptyElements.Value);
        Assert.Equal(StatusCode.InvalidArgument, answer.Code);
        Assert.StartsWith("envelopes", answer.Message, StringComparison.Ordinal);
        Assert.Empty(gateway.Network.Published);
        await Eventually.IsAsync(() => InFlight(gateway).InUse == 0, "nothing is held");
    }

    [Fact]
    public async Task A_method_without_parameters_refuses_a_large_body()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var connection = await RawConnection.OpenAsync(gateway);
        await connection.SendHeadersAsync("application/proto", 65 * 1024, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes");
        Assert.StartsWith("HTTP/1.1 429 ", await connection.ReadHeadersAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sixty_slow_bodies_of_one_address_hold_at_most_a_quarter_and_others_are_served()
    {
        await using var gateway = await HoldingAsync();
        var budget = InFlight(gateway);
        using var metrics = new Measured(gateway.Services.GetRequiredService<IMeterFactory>(), "Xmtp.Gateway.Endpoints");
        var slow = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => RawConnection.OpenAsync(gateway)));
        var answers = slow.Select(async connection =>
        {
            await connection.SendHeadersAsync("application/proto", 20 * MiB, more: "X-Forwarded-For: 198.51.100.1\r\n");
            await connection.SendBodyAsync(2 * MiB);
            return await connection.ReadHeadersAsync();
        }).ToList();

        // What fits stays open, and the rest is answered.
        await Eventually.IsAsync(
            () => answers.Count(answer => answer.IsCompleted) >= 60 - (int)(budget.Share / (2 * MiB)), "those that do not fit are refused");
        Assert.InRange(budget.InUse, 2 * MiB, budget.Share);
        foreach (var answer in answers.Where(answer => answer.IsCompleted))
        {
            Assert.StartsWith("HTTP/1.1 429 ", await answer, StringComparison.Ordinal);
            Assert.Contains("Retry-After: 1\r\n", await answer, StringComparison.OrdinalIgnoreCase);
        }

        Assert.InRange(metrics.Sum("xmtp_gateway_bytes_in_flight_refusals_total", ("of", "caller")), 40, 60);
        Assert.Equal(0, metrics.Sum("xmtp_gateway_bytes_in_flight_refusals_total", ("of", "process")));
        Assert.InRange(metrics.Last("xmtp_gateway_bytes_in_flight"), 2 * MiB, metrics.Last("xmtp_gateway_bytes_in_flight_limit") / 4);
        Assert.InRange(metrics.Last("xmtp_gateway_open_connections"), 1, 60);

        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        var largest = Envelopes.Request(Envelopes.Welcome(size: 25 * MiB - 1000));
        Assert.Equal(StatusCode.OK, (await client.PublishAsync(largest, ("X-Forwarded-For", "203.0.113.7"))).Code);
        var refused = await client.PublishAsync(largest, ("X-Forwarded-For", "198.51.100.1"));
        Assert.Equal((StatusCode.ResourceExhausted, "1"), (refused.Code, refused.RetryAfter));
        Assert.Equal("BYTES_IN_FLIGHT", refused.Detail<Google.Rpc.ErrorInfo>().Reason);
        Assert.Equal(1, refused.Detail<Google.Rpc.RetryInfo>().RetryDelay.Seconds);

        foreach (var connection in slow) connection.Dispose();
        await Task.WhenAll(
            answers.Select(answer => answer.ContinueWith(_ => { }, Cancel, TaskContinuationOptions.None, TaskScheduler.Default)));
        await Eventually.IsAsync(() => budget.InUse == 0, "everything is given back");
    }

    [Fact]
    public async Task All_addresses_together_hold_no_more_than_the_budget()
    {
        await using var gateway = await HoldingAsync();
        var budget = InFlight(gateway);
        var slow = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => RawConnection.OpenAsync(gateway)));
        var answers = slow.Select(async (connection, i) =>
        {
            await connection.SendHeadersAsync("application/proto", 20 * MiB, more: $"X-Forwarded-For: 2001:db8:0:{i:x}::{i:x}\r\n");
            await connection.SendBodyAsync(4 * MiB);
            return await connection.ReadHeadersAsync();
        }).ToList();

        await Eventually.IsAsync(
            () => answers.Count(answer => answer.IsCompleted) >= 60 - (int)(budget.Limit / (4 * MiB)), "those that do not fit are refused");
        Assert.InRange(budget.InUse, 4 * MiB, budget.Limit);
        foreach (var connection in slow) connection.Dispose();
        await Eventually.IsAsync(() => budget.InUse == 0, "everything is given back");
    }

    [Fact]
    public async Task Calls_of_one_address_that_need_no_identity_hold_a_quarter_of_an_eighth_and_identified_callers_there_are_served()
    {
        await using var gateway = await WithTokensAsync(api => api.MaxBytesInFlight = ApiOptions.MinBytesInFlight);
        var budget = InFlight(gateway);
        const int Body = 60 * 1024;
        var slow = await Task.WhenAll(
            Enumerable.Range(0, (int)(budget.AnonymousShare / 4 / Body) + 40).Select(_ => RawConnection.OpenAsync(gateway)));
        var answers = slow.Select(async connection =>
        {
            await connection.SendHeadersAsync("application/proto", 64 * 1024, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes");
            await connection.SendBodyAsync(Body);
            return await connection.ReadHeadersAsync();
        }).ToList();

        await Eventually.IsAsync(() => answers.Count(answer => answer.IsCompleted) >= 30, "those that do not fit are refused");
        Assert.InRange(budget.InUse, budget.AnonymousShare / 8, budget.AnonymousShare / 4);
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        var largest = Envelopes.Request(Envelopes.Welcome(size: 8 * MiB));
        Assert.Equal(StatusCode.OK, (await client.PublishAsync(largest, ("x-token", "alice"))).Code);
        foreach (var connection in slow) connection.Dispose();
        await Eventually.IsAsync(() => budget.InUse == 0, "everything is given back");
    }

    [Fact]
    public async Task One_identity_holds_a_quarter_from_whatever_address_it_comes()
    {
        var open = new TaskCompletionSource();
        await using var gateway = await WithTokensAsync(Small, Loopback);
        gateway.Network.Before = (_, _) => open.Task;
        using var client = new ProtocolClient(gateway.Url, Form.Grpc);
        (string, string)[] From(int address, string token) => [("x-token", token), ("X-Forwarded-For", $"198.51.100.{address}")];
        var first = client.PublishAsync(Envelopes.Request(Envelopes.Welcome(size: 20 * MiB)), From(1, "alice"));
        await Eventually.IsAsync(() => InFlight(gateway).InUse >= 20 * MiB, "the first is under way");

        var second = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome(size: 20 * MiB)), From(2, "alice"));
        Assert.Equal(StatusCode.ResourceExhausted, second.Code);
        Assert.Contains("--api.max-bytes-in-flight", second.Message, StringComparison.Ordinal);
        var other = client.PublishAsync(Envelopes.Request(Envelopes.Welcome(size: 20 * MiB)), From(3, "bob"));
        await Eventually.IsAsync(() => InFlight(gateway).InUse >= 40 * MiB, "another identity is under way");
        open.SetResult();
        Assert.Equal((StatusCode.OK, StatusCode.OK), ((await first).Code, (await other).Code));
        await Eventually.IsAsync(() => InFlight(gateway).InUse == 0, "everything is given back");
    }

    [Fact]
    public async Task The_headers_of_open_calls_count()
    {
        var open = new TaskCompletionSource();
        await using var gateway = await TestGateway.StartAsync(
            Small, services => services.AddSingleton<IIdentityResolver>(new DelegateIdentityResolver(async (_, cancellationToken) =>
            {
                await open.Task.WaitAsync(cancellationToken);
                return IdentityResult.Unauthenticated("no");
            })), Loopback);
        using var http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true });
        var padding = new string('x', 28 * 1024);
        var calls = Enumerable.Range(0, 600).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, Publish))
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent([]),
            };
            request.Headers.Add("x-padding", padding);
            request.Content.Headers.ContentType = new("application/proto");
            using var response = await http.SendAsync(request, Cancel);
            return response.StatusCode;
        }).ToList();

        await Eventually.IsAsync(() => calls.Count(call => call.IsCompleted) >= 100, "those that do not fit are refused");
        Assert.InRange(InFlight(gateway).InUse, InFlight(gateway).Share / 2, InFlight(gateway).Share);
        open.SetResult();
        var answers = await Task.WhenAll(calls);
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        Assert.Contains(HttpStatusCode.Unauthorized, answers);
    }

    [Theory, InlineData("1.1"), InlineData("2.0")]
    public async Task A_large_body_that_makes_no_progress_is_cut_off(string version)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var gateway = await TestGateway.StartAsync(services: services => services.AddSingleton<TimeProvider>(time));
        using var content = new HeldContent(new byte[MiB], 20 * MiB);
        content.Headers.ContentType = new("application/proto");
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, Publish))
        {
            Content = content,
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var call = http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        await Eventually.IsAsync(() => InFlight(gateway).InUse >= MiB, "what was sent has arrived");

        // Far less than the deadline of 100 s.
        for (var i = 0; i < 4; i++) time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.IsAsync(() => InFlight(gateway).InUse == 0, "the gateway holds it no longer");
        content.LetGo();
        await call.ContinueWith(_ => { }, Cancel, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    [Fact]
    public async Task Connections_are_bounded_and_one_address_has_a_quarter_of_them()
    {
        await using var gateway = await TestGateway.StartAsync(api => api.MaxConnections = 8);
        using var first = await RawConnection.OpenAsync(gateway);
        using var second = await RawConnection.OpenAsync(gateway);
        using (var third = await RawConnection.OpenAsync(gateway)) Assert.Equal("", await third.ReadHeadersAsync());
        second.Dispose();
        await Eventually.IsAsync(async () => await IsServedAsync(gateway), "there is a place again");
    }

    [Fact]
    public async Task A_trusted_proxy_may_have_all_connections_and_no_more()
    {
        await using var gateway = await TestGateway.StartAsync(api => api.MaxConnections = 4, proxies: "127.0.0.0/8");
        var open = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RawConnection.OpenAsync(gateway)));
        using (var another = await RawConnection.OpenAsync(gateway)) Assert.Equal("", await another.ReadHeadersAsync());
        foreach (var connection in open)
        {
            await connection.SendHeadersAsync("application/proto", 0, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes");
            Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadHeadersAsync(), StringComparison.Ordinal);
            connection.Dispose();
        }
    }

    [Fact]
    public void Addresses_of_one_subscriber_are_one_caller()
    {
        static uint Hash(string address) => CallerHash.Of(IPAddress.Parse(address));
        Assert.Equal(Hash("2001:db8:1:2::1"), Hash("2001:db8:1:2:ffff::7"));
        Assert.NotEqual(Hash("2001:db8:1:2::1"), Hash("2001:db8:1:3::1"));
        Assert.Equal(Hash("203.0.113.7"), Hash("::ffff:203.0.113.7"));
        Assert.NotEqual(Hash("203.0.113.7"), Hash("203.0.113.8"));
    }

    private static async Task<bool> IsServedAsync(TestGateway gateway)
    {
        using var connection = await RawConnection.OpenAsync(gateway);
        await connection.SendHeadersAsync("application/proto", 0, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes");
        return (await connection.ReadHeadersAsync()).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
    }

    private static Lazy<byte[]> EmptyEnvelopes { get; } =
        new(() => Gzip(Encoding.UTF8.GetBytes("{\"envelopes\":[" + string.Concat(Enumerable.Repeat("{},", 8_500_000)) + "{}]}")));

    private static Lazy<byte[]> EmptyElements { get; } = new(() =>
    {
        var elements = new byte[25 * MiB];
        for (var i = 0; i < elements.Length; i += 2) elements[i] = 0x0A;
        return Gzip(elements);
    });

    private static BytesInFlight InFlight(TestGateway gateway) => gateway.Services.GetRequiredService<BytesInFlight>();

    // A body that stands still is not ended: how long the test takes to look at it is the machine's affair.
    private static Task<TestGateway> HoldingAsync() => TestGateway.StartAsync(
        Small, services => services.PostConfigure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MinRequestBodyDataRate = null), Loopback);

    private static void Small(ApiOptions api) => api.MaxBytesInFlight = ApiOptions.MinBytesInFlight;

    private static Task<TestGateway> WithTokensAsync(
        Action<ApiOptions>? options = null,
        string? proxies = null) => TestGateway.StartAsync(options, services => services.AddSingleton<IIdentityResolver>(
        new DelegateIdentityResolver((call, _) => ValueTask.FromResult(call.Request.Headers["x-token"].ToString() is { Length: > 0 } user
            ? IdentityResult.Known(new ClientIdentity("test", user))
            : IdentityResult.Unauthenticated("a token is needed")))), proxies);

    private static byte[] Gzip(byte[] message)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(message);
        return packed.ToArray();
    }

    private static async Task<(StatusCode Code, string Message)> PostAsync(TestGateway gateway, string version, string type, byte[] packed)
    {
        var isGrpc = type.StartsWith("application/grpc", StringComparison.Ordinal);
        var frame = new byte[5];
        frame[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), packed.Length);
        using var content = new ByteArrayContent(isGrpc ? [.. frame, .. packed] : packed);
        content.Headers.ContentType = new(type);
        content.Headers.Add(isGrpc ? "grpc-encoding" : "content-encoding", "gzip");
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, Publish))
        {
            Content = content,
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await http.SendAsync(request, Cancel);
        if (!isGrpc)
        {
            var answer = Answer.Of(response, await response.Content.ReadAsStringAsync(Cancel));
            return (answer.Code, answer.Message);
        }

        return ((StatusCode)int.Parse(response.Headers.GetValues("grpc-status").Single()), Uri.UnescapeDataString(
            response.Headers.GetValues("grpc-message").Single()));
    }
}
