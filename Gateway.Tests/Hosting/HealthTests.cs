using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Health;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

public sealed class HealthTests(DevNetFixture box) : IClassFixture<DevNetFixture>, IDisposable
{
    private readonly HttpClient _http = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DevNetwork Network => box.Network;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Liveness_and_readiness_answer_on_every_port()
    {
        foreach (var port in new[] { Network.Gateway, Network.Web!, Network.Metrics! })
        {
            Assert.Equal("""{"status":"alive"}""", await _http.GetStringAsync(new Uri(port, "/livez"), Token));
            foreach (var path in new[] { "/readyz", "/healthz" })
            {
                var ready = await _http.GetFromJsonAsync<JsonElement>(new Uri(port, path), Token);
                Assert.Equal("ready", ready.GetProperty("status").GetString());
                // Fund levels, runways and hosts of RPC endpoints are the operator's own business.
                Assert.Equal(port == Network.Metrics, ready.TryGetProperty("checks", out _));
                if (port != Network.Metrics) continue;
                Assert.Equal(
                    ["app-chain", "funds", "nodes", "settlement-chain", "stop"],
                    ready.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()).Order());
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("xmtp.xmtpv4.payer_api.PayerApi")]
    [InlineData("xmtp.xmtpv4.gateway_api.GatewayApi")]
    public async Task The_gRPC_health_service_says_the_same(string service)
    {
        using var channel = GrpcChannel.ForAddress(Network.Gateway);
        var health = await new Health.HealthClient(channel)
            .CheckAsync(new HealthCheckRequest { Service = service }, cancellationToken: Token);
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    [Fact]
    public async Task An_unknown_service_is_not_found()
    {
        using var channel = GrpcChannel.ForAddress(Network.Gateway);
        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await new Health.HealthClient(channel)
                .CheckAsync(new HealthCheckRequest { Service = "nobody" }, cancellationToken: Token));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
    }

    [Theory]
    [InlineData(Form.Grpc)]
    [InlineData(Form.GrpcWeb)]
    [InlineData(Form.GrpcWebText)]
    [InlineData(Form.ConnectProto)]
    [InlineData(Form.ConnectProtoHttp2)]
    public async Task Every_protocol_says_the_same_on_both_ports(Form form)
    {
        foreach (var port in new[] { Network.Gateway, Network.Web! })
        {
            using var client = new ProtocolClient(port, form, "grpc.health.v1.Health");
            Task<Answer> CheckAsync(string service) =>
                client.CallAsync("Check", new HealthCheckRequest { Service = service }, HealthCheckResponse.Parser, []);

            var answer = await CheckAsync("xmtp.xmtpv4.payer_api.PayerApi");
            Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, Assert.IsType<HealthCheckResponse>(answer.Reply).Status);
            Assert.Equal(StatusCode.NotFound, (await CheckAsync("nobody")).Code);
        }
    }

    [Theory]
    [InlineData("{}", 200, "SERVING_STATUS_SERVING")]
    [InlineData("{\"service\":\"xmtp.xmtpv4.gateway_api.GatewayApi\"}", 200, "SERVING_STATUS_SERVING")]
    [InlineData("{\"service\":\"nobody\"}", 404, "\"code\":\"not_found\"")]
    [InlineData("[]", 400, "\"code\":\"invalid_argument\"")]
    public async Task Health_in_JSON_has_the_words_of_the_original(string request, int status, string words)
    {
        foreach (var port in new[] { Network.Gateway, Network.Web! })
        {
            var answer = await CheckInJsonAsync(port, request);
            Assert.Equal(status, (int)answer.Status);
            if (status == 200) Assert.Equal($$"""{"status":"{{words}}"}""", answer.Body);
            else Assert.Contains(words, answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Health_in_JSON_may_be_framed_as_gRPC()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Network.Gateway, "/grpc.health.v1.Health/Check"))
        {
            Content = new ByteArrayContent([0, 0, 0, 0, 2, .. "{}"u8]),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.ContentType = new("application/grpc+json");
        using var answer = await _http.SendAsync(request, Token);
        Assert.Equal("application/grpc+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            [0, 0, 0, 0, 35, .. """{"status":"SERVING_STATUS_SERVING"}"""u8], await answer.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_check_counts_as_a_call_and_is_refused_when_there_is_no_room()
    {
        await using var gateway = await StartWithoutNodesAsync();
        var port = new Uri($"http://{gateway.App.Services.GetRequiredService<GatewayAddresses>().Main}");
        var budget = gateway.App.Services.GetRequiredService<BytesInFlight>();
        budget.Take(budget.Limit);
        var refused = await CheckInJsonAsync(port, "{}");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Contains("\"code\":\"resource_exhausted\"", refused.Body, StringComparison.Ordinal);

        budget.Give(budget.Limit);
        Assert.Equal((HttpStatusCode.OK, """{"status":"SERVING_STATUS_NOT_SERVING"}"""), await CheckInJsonAsync(port, "{}"));
    }

    [Fact]
    public async Task A_gateway_that_knows_no_node_is_alive_and_not_ready()
    {
        await using var gateway = await StartWithoutNodesAsync();
        var port = new Uri($"http://{gateway.App.Services.GetRequiredService<GatewayAddresses>().Main}");
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(new Uri(port, "/livez"), Token)).StatusCode);
        using var answer = await _http.GetAsync(new Uri(port, "/readyz"), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("""{"status":"not ready"}""", await answer.Content.ReadAsStringAsync(Token));
        Assert.Contains(
            gateway.Logs.Lines, line => line.Contains("the gateway is not ready: nodes: no node is known", StringComparison.Ordinal));
        Assert.Contains(
            """{"name":"nodes","status":"unhealthy","detail":"no node is known"}""", await DetailsAsync(gateway), StringComparison.Ordinal);

        using var channel = GrpcChannel.ForAddress(port);
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.NotServing,
            (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest(), cancellationToken: Token)).Status);
    }

    [Fact]
    public async Task A_store_outage_degrades_the_gateway_and_does_not_stop_it()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions { GatewayArguments = ["--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"] }, Token);
        Assert.Equal("ready", await StatusAsync(network));
        await redis.KillAsync();
        await Eventually.IsAsync(async () => await StatusAsync(network) == "degraded", "it says that it is degraded");
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        Assert.Single((await client.PublishAsync(Envelopes.Welcome())).OriginatorEnvelopes);
    }

    [Fact]
    public async Task A_lost_settlement_chain_degrades_the_gateway_and_keeps_it_ready()
    {
        await using var chain = new TcpFaultProxy(Network.ChainUrl.Port);
        await using var gateway = GatewayUnderTest.Build(
        [
            .. GatewayUnderTest.Enough,
            $"--contracts.app-chain.rpc-url={Network.ChainUrl}",
            $"--contracts.settlement-chain.rpc-url={chain.Through(Network.ChainUrl)}",
            "--contracts.start-timeout=1m",
            "--contracts.settlement-chain.max-chain-disconnect-time=1s",
            "--metrics.enable",
            "--metrics.metrics-port=0",
        ]);
        Assert.Empty(await gateway.FaultsAsync());
        var port = new Uri($"http://{gateway.App.Services.GetRequiredService<GatewayAddresses>().Main}");
        await Eventually.IsAsync(async () => await ReadyAsync(port) == (HttpStatusCode.OK, "ready"), "it is ready");
        chain.Mode = ProxyMode.Cut;
        await Eventually.IsAsync(
            async () => (await DetailsAsync(gateway)).Contains(" is lost: it has not answered for ", StringComparison.Ordinal),
            "the chain counts as lost");

        Assert.Equal((HttpStatusCode.OK, "degraded"), await ReadyAsync(port));
        using var channel = GrpcChannel.ForAddress(port);
        Assert.Equal(
            HealthCheckResponse.Types.ServingStatus.Serving,
            (await new Health.HealthClient(channel).CheckAsync(new HealthCheckRequest(), cancellationToken: Token)).Status);
        using var client = new GatewayClient(port, Speaks.Grpc);
        Assert.Single((await client.PublishAsync(Envelopes.Welcome())).OriginatorEnvelopes);
    }

    private async Task<(HttpStatusCode Status, string Body)> CheckInJsonAsync(Uri port, string request)
    {
        using var content = new StringContent(request, new MediaTypeHeaderValue("application/json"));
        using var answer = await _http.PostAsync(new Uri(port, "/grpc.health.v1.Health/Check"), content, Token);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private async Task<(HttpStatusCode, string?)> ReadyAsync(Uri port)
    {
        using var answer = await _http.GetAsync(new Uri(port, "/readyz"), Token);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("status").GetString());
    }

    private async Task<string?> StatusAsync(DevNetwork network) =>
        (await _http.GetFromJsonAsync<JsonElement>(new Uri(network.Gateway, "/readyz"), Token)).GetProperty("status").GetString();

    [Fact]
    public async Task A_check_of_the_application_counts_and_what_it_throws_is_not_shown()
    {
        await using var gateway = await StartWithoutNodesAsync(services => services.AddHealthChecks().AddCheck<Failing>("mine"));
        Assert.Contains("""{"name":"mine","status":"unhealthy","detail":null}""", await DetailsAsync(gateway), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_checks_run_once_for_all_watchers_and_watches_are_bounded()
    {
        var counting = new Counting();
        await using var gateway = await StartWithoutNodesAsync(services =>
        {
            services.AddSingleton<TimeProvider>(new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
            services.AddHealthChecks().AddCheck("counted", counting);
        });
        var port = new Uri($"http://{gateway.App.Services.GetRequiredService<GatewayAddresses>().Main}");
        using var channel = GrpcChannel.ForAddress(
            port, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
        var client = new Health.HealthClient(channel);
        var watches = Enumerable.Range(0, HealthWatchers.MaxPerAddress)
            .Select(_ => client.Watch(new HealthCheckRequest(), cancellationToken: Token))
            .ToList();
        foreach (var watch in watches) Assert.True(await watch.ResponseStream.MoveNext(Token));
        await _http.GetAsync(new Uri(port, "/readyz"), Token);
        Assert.Equal(1, counting.Runs);

        using var more = client.Watch(new HealthCheckRequest(), cancellationToken: Token);
        var refused = await Assert.ThrowsAsync<RpcException>(() => more.ResponseStream.MoveNext(Token));
        Assert.Equal((StatusCode.ResourceExhausted, "10"), (refused.StatusCode, refused.Trailers.GetValue("retry-after")));

        watches[0].Dispose();
        await Eventually.IsAsync(async () => await IsServedAsync(client), "there is a place again");
        watches.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public async Task A_compressed_watch_is_refused_before_it_is_decompressed()
    {
        await using var gateway = await StartWithoutNodesAsync();
        var port = new Uri($"http://{gateway.App.Services.GetRequiredService<GatewayAddresses>().Main}");
        using var channel = GrpcChannel.ForAddress(port);
        using var watch = new Health.HealthClient(channel).Watch(
            new HealthCheckRequest { Service = new string('a', 50_000_000) },
            new Metadata { { "grpc-internal-encoding-request", "gzip" } },
            cancellationToken: Token);
        var refused = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(Token));
        Assert.Equal((StatusCode.Unimplemented, "grpc-encoding must be identity"), (refused.StatusCode, refused.Status.Detail));
    }

    [Fact]
    public async Task Watches_through_a_trusted_proxy_count_for_its_clients()
    {
        await using var gateway = await StartWithoutNodesAsync(services => services.Configure<ClientAddressOptions>(
            addresses => addresses.TrustedProxies = [IPNetwork.Parse("127.0.0.1/32")]));
        var port = new Uri($"http://{gateway.App.Services.GetRequiredService<GatewayAddresses>().Main}");
        using var channel = GrpcChannel.ForAddress(
            port, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
        var client = new Health.HealthClient(channel);
        AsyncServerStreamingCall<HealthCheckResponse> From(string address) =>
            client.Watch(new HealthCheckRequest(), new Metadata { { "x-forwarded-for", address } }, cancellationToken: Token);
        var watches = Enumerable.Range(0, HealthWatchers.MaxPerAddress).Select(_ => From("198.51.100.1")).ToList();
        foreach (var watch in watches) Assert.True(await watch.ResponseStream.MoveNext(Token));

        using var more = From("198.51.100.1");
        var refused = await Assert.ThrowsAsync<RpcException>(() => more.ResponseStream.MoveNext(Token));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        using var other = From("198.51.100.2");
        Assert.True(await other.ResponseStream.MoveNext(Token));
        watches.ForEach(watch => watch.Dispose());
    }

    private static async Task<bool> IsServedAsync(Health.HealthClient client)
    {
        using var watch = client.Watch(new HealthCheckRequest(), cancellationToken: Token);
        try
        {
            return await watch.ResponseStream.MoveNext(Token);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.ResourceExhausted)
        {
            return false;
        }
    }

    private async Task<string> DetailsAsync(GatewayUnderTest gateway)
    {
        using var answer = await _http.GetAsync(
            new Uri($"http://{gateway.App.Services.GetRequiredService<GatewayAddresses>().Metrics}/readyz"), Token);
        return await answer.Content.ReadAsStringAsync(Token);
    }

    [Fact]
    public async Task A_watch_reports_a_stop_at_once_and_ends()
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions(), Token);
        using var channel = GrpcChannel.ForAddress(network.Gateway);
        using var watch = new Health.HealthClient(channel).Watch(new HealthCheckRequest(), cancellationToken: Token);
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, watch.ResponseStream.Current.Status);

        network.GatewayServices.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        Assert.True(await watch.ResponseStream.MoveNext(Token));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        await network.DisposeAsync();
        Assert.False(await watch.ResponseStream.MoveNext(Token));
    }

    [Fact]
    public async Task A_chain_that_does_not_serve_what_a_publish_needs_is_degraded_with_the_endpoints_text()
    {
        await using var proxy = await RpcProxy.StartAsync(Network.ChainUrl);
        await using var gateway = await StartWithoutNodesAsync(appChain: proxy.Url);
        proxy.Fault = (method, _, forward) => method == "eth_getTransactionCount"
            ? RpcProxy.Error(-32000, "not served to you")
            : RpcProxy.Pass(forward);

        await Eventually.IsAsync(
            async () => await DetailsAsync(gateway) is var details
                && details.Contains("""{"name":"app-chain","status":"degraded",""", StringComparison.Ordinal)
                && details.Contains("not served to you", StringComparison.Ordinal),
            "the chain is degraded");
        Assert.Contains(gateway.Logs.Lines, line => line.Contains("not served to you", StringComparison.Ordinal));
        proxy.Fault = (_, _, forward) => RpcProxy.Pass(forward);
        await Eventually.IsAsync(
            async () => (await DetailsAsync(gateway)).Contains("""{"name":"app-chain","status":"healthy",""", StringComparison.Ordinal),
            "it is well again");
    }

    private async Task<GatewayUnderTest> StartWithoutNodesAsync(Action<IServiceCollection>? more = null, Uri? appChain = null)
    {
        // Any contract with code passes the start check; this one has no list of nodes.
        var gateway = GatewayUnderTest.Build(
            [
                .. GatewayUnderTest.Enough,
                $"--contracts.app-chain.rpc-url={appChain ?? Network.ChainUrl}",
                $"--contracts.settlement-chain.rpc-url={Network.ChainUrl}",
                "--contracts.start-timeout=15s",
                "--contracts.settlement-chain.node-registry-address=0xf0fC16E20Edb4ED762fBd3724F4EbFAeD07018b0",
                "--metrics.enable",
                "--metrics.metrics-port=0",
            ],
            before: builder => more?.Invoke(builder.Services));
        Assert.Empty(await gateway.FaultsAsync());
        return gateway;
    }

    private sealed class Counting : IHealthCheck
    {
        private int _runs;

        public int Runs => Volatile.Read(ref _runs);

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _runs);
            return Task.FromResult(HealthCheckResult.Healthy());
        }
    }

    private sealed class Failing : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("secret");
    }
}
