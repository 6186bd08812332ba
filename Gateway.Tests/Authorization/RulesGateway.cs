using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization;

/// <summary>A whole gateway, made by AddXmtpGateway with rules of the test, that publishes to originators at hand.</summary>
internal sealed class RulesGateway : IAsyncDisposable
{
    private readonly GatewayUnderTest _gateway;

    private RulesGateway(GatewayUnderTest gateway, TestPublisher network, TestPublisher chain)
    {
        _gateway = gateway;
        Network = network;
        AppChain = chain;
    }

    public TestPublisher Network { get; }

    public TestPublisher AppChain { get; }

    public int Published => Network.Published.Count + AppChain.Published.Count;

    public IServiceProvider Services => _gateway.App.Services;

    public CapturedLogs Logs => _gateway.Logs;

    public Uri Url => new($"http://{Services.GetRequiredService<GatewayAddresses>().Main}");

    public static async Task<RulesGateway> StartAsync(
        DevChainFixture chain, Action<XmtpGatewayBuilder>? rules = null, TimeProvider? time = null, params string[] flags)
    {
        var (network, app) = (new TestPublisher(Destination.BroadcastNetwork), new TestPublisher(Destination.AppChain));
        var gateway = GatewayUnderTest.Build(
            [
                .. GatewayUnderTest.Enough, "--contracts.start-timeout=15s",
                $"--contracts.app-chain.rpc-url={chain.Anvil.HttpUrl}",
                $"--contracts.settlement-chain.rpc-url={chain.Anvil.HttpUrl}",
                .. flags,
            ],
            before: builder => builder.Services.AddSingleton(time ?? TimeProvider.System),
            after: builder =>
            {
                rules?.Invoke(builder);
                builder.Services.AddSingleton<IEnvelopePublisher>(network).AddSingleton<IEnvelopePublisher>(app);
            });
        Assert.Empty(await gateway.FaultsAsync());
        return new RulesGateway(gateway, network, app);
    }

    public async Task<Answer> PublishAsync(
        Form form, Xmtp.Gateway.Protocol.Wire.PublishClientEnvelopesRequest request, params (string Name, string Value)[] headers)
    {
        using var client = new ProtocolClient(Url, form);
        return await client.PublishAsync(request, headers);
    }

    public Task<Answer> PublishAsync(params (string Name, string Value)[] headers) =>
        PublishAsync(Form.Grpc, Envelopes.Request(Envelopes.Welcome((byte)Random.Shared.Next(256), 200)), headers);

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();
}
