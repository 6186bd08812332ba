using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>The endpoints and the pipeline on real ports, in front of an originator and nodes that a test decides.</summary>
public sealed class TestGateway : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestGateway(WebApplication app, TestPublisher network, TestPublisher chain, KnownNodes nodes)
    {
        _app = app;
        Network = network;
        AppChain = chain;
        Nodes = nodes;
    }

    public TestPublisher Network { get; }

    public TestPublisher AppChain { get; }

    public KnownNodes Nodes { get; }

    public GatewayAddresses Addresses => _app.Services.GetRequiredService<GatewayAddresses>();

    public IServiceProvider Services => _app.Services;

    /// <summary>The port of all protocols.</summary>
    public Uri Url => new($"http://{Addresses.Main}");

    public static async Task<TestGateway> StartAsync(
        Action<ApiOptions>? options = null, Action<IServiceCollection>? services = null, string? proxies = null)
    {
        var (network, chain, nodes) = (new TestPublisher(
            Destination.BroadcastNetwork), new TestPublisher(Destination.AppChain), new KnownNodes());
        nodes.Set(
            new NetworkNode(100, new Uri("http://node-100.example:5050"), new byte[65], default),
            new NetworkNode(200, new Uri("https://node-200.example"), new byte[65], default));
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<IdempotencyOptions>(once => once.Window = TimeSpan.Zero);
        services?.Invoke(builder.Services);
        if (proxies is not null)
            builder.Services.Configure<ClientAddressOptions>(addresses => addresses.TrustedProxies = [IPNetwork.Parse(proxies)]);
        builder.Services.Configure<ApiOptions>(api =>
        {
            api.Port = 0;
            api.HttpPort = 0;
            api.BindAddress = "127.0.0.1";
            options?.Invoke(api);
        });
        builder.ConfigureGatewayListeners();
        builder.Services.AddEndpoints().AddIdentity().AddPublishAuthorization().AddPublishing();
        builder.Services.AddSingleton<INodeRegistry>(nodes);
        builder.Services.AddSingleton<IEnvelopePublisher>(network).AddSingleton<IEnvelopePublisher>(chain);
        var app = builder.Build();
        app.MapEndpoints();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new TestGateway(app, network, chain, nodes);
    }

    public static Task<TestGateway> WithAuthorizerAsync(Func<PublishContext, AuthorizationDecision> authorize) =>
        StartAsync(
            services: services => services.AddSingleton<IPublishAuthorizer>(
                new DelegateAuthorizer((context, _) => ValueTask.FromResult(authorize(context)))));

    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
