using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

public sealed class ShutdownTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Speaks.Grpc)]
    [InlineData(Speaks.ConnectJson)]
    public async Task A_publish_in_flight_is_finished_and_answered_while_readiness_already_says_no(Speaks speaks)
    {
        var door = new Door();
        await using var network = await DevNetwork.StartAsync(Options(door, "--api.drain-timeout=1m"), Token);
        using var client = new GatewayClient(network.Gateway, speaks);
        var publish = client.PublishAsync(Envelopes.Welcome());
        await door.Reached;

        network.GatewayServices.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using var http = new HttpClient();
        using var ready = await http.GetAsync(new Uri(network.Gateway, "/readyz"), Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("not ready", await ready.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(network.Gateway, "/livez"), Token)).StatusCode);

        var stopped = network.GatewayServices.GetRequiredService<IHost>().StopAsync(Token);
        Assert.False(publish.IsCompleted);
        door.Open();
        Assert.Single((await publish).OriginatorEnvelopes);
        await stopped;
    }

    [Fact]
    public async Task A_call_that_does_not_end_is_cut_off_after_the_drain_timeout()
    {
        var door = new Door();
        await using var network = await DevNetwork.StartAsync(Options(door, "--api.drain-timeout=100ms"), Token);
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        var publish = client.PublishAsync(Envelopes.Welcome());
        await door.Reached;
        await network.GatewayServices.GetRequiredService<IHost>().StopAsync(Token);
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => publish);
    }

    private static DevNetOptions Options(Door door, params string[] flags) =>
        new() { GatewayArguments = flags, ConfigureGateway = gateway => gateway.AddAuthorizer(door.PassAsync) };

    // An authorizer that holds a publish until it is told to let it through.
    private sealed class Door
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void Open() => _open.SetResult();

        public async ValueTask<AuthorizationDecision> PassAsync(PublishContext publish, CancellationToken cancellationToken)
        {
            _reached.TrySetResult();
            await _open.Task.WaitAsync(cancellationToken);
            return AuthorizationDecision.Allow;
        }
    }
}
