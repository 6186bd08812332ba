using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>What a whole gateway asks of both chains while nobody publishes, counted over ten minutes of its clock.</summary>
public sealed class RestRequestTests : ProxiedChain
{
    private const int Minutes = 10;
    private const int MaxLooks = 100;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_chain_gets_at_most_six_requests_a_minute_at_rest(bool withSocket)
    {
        await Chain.AddNodeAsync(100, NodeKey.Of(100).PublicKey, "http://127.0.0.1:1", Cancel);
        await Chain.AddToNetworkAsync(100, Cancel);
        await using var settlement = await RpcProxy.StartAsync(Node.HttpUrl);
        await using var gateway = await StartAsync(settlement, withSocket);
        using var app = new Asking(Proxy);
        using var other = new Asking(settlement);
        // Until no balance counts as changed lately.
        await PassAsync(TimeSpan.FromMinutes(8), app, other);
        app.Begin();
        other.Begin();
        await PassAsync(TimeSpan.FromMinutes(Minutes), app, other);

        TestContext.Current.TestOutputHelper?.WriteLine($"App Chain: {app}; settlement chain: {other}");
        Assert.True(app.Count() <= 6 * Minutes, app.ToString());
        Assert.True(other.Count() <= 6 * Minutes, other.ToString());
        // It is no gateway that has stopped to look.
        Assert.True(app.Count("eth_getBalance") >= Minutes / 2, app.ToString());
        Assert.True(app.Count("eth_getTransactionCount") >= Minutes / 2, app.ToString());
        Assert.True(app.Count("eth_call") >= 6, app.ToString());
        Assert.True(other.Count("eth_call") >= Minutes, other.ToString());
    }

    private async Task<GatewayUnderTest> StartAsync(RpcProxy settlement, bool withSocket)
    {
        string[] sockets = withSocket
            ? [$"--contracts.app-chain.wss-url={Proxy.WebSocketUrl}", $"--contracts.settlement-chain.wss-url={settlement.WebSocketUrl}"]
            : [];
        var gateway = GatewayUnderTest.Build(
            [
                .. GatewayUnderTest.Enough,
                .. sockets,
                $"--contracts.app-chain.rpc-url={Proxy.Url}",
                $"--contracts.settlement-chain.rpc-url={settlement.Url}",
                "--contracts.start-timeout=15s",
            ],
            before: builder => builder.Services.AddSingleton<TimeProvider>(_time));
        Assert.Empty(await gateway.FaultsAsync());
        var tracker = gateway.App.Services.GetRequiredService<NonceTracker>();
        if (withSocket) await Eventually.IsAsync(() => tracker.IsSubscribed, "heads and events are delivered");
        return gateway;
    }

    // A request should not wait for its own timeout by this clock. One that did is asked again as the time goes on.
    private async Task PassAsync(TimeSpan time, params Asking[] chains)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Step)
        {
            _time.Advance(Step);
            await Task.Yield();
            foreach (var chain in chains)
            {
                var looks = 0;
                await Eventually.IsAsync(() => !chain.IsWaiting || ++looks > MaxLooks, "all requests are answered");
            }
        }
    }

    private sealed class Asking(RpcProxy proxy) : IDisposable
    {
        private readonly HttpRpcTransport _transport = new(proxy.Url);
        private Dictionary<string, int> _before = [];

        public bool IsWaiting => _transport.HasUnanswered;

        public void Begin() => _before = new(proxy.Asked, StringComparer.Ordinal);

        public int Count() => proxy.Requests - _before.Values.Sum();

        public int Count(string method) => proxy.Asked.GetValueOrDefault(method) - _before.GetValueOrDefault(method);

        public override string ToString() =>
            string.Join(", ", proxy.Asked.Keys.Order(StringComparer.Ordinal).Select(method => $"{method} {Count(method)}"));

        public void Dispose() => _transport.Dispose();
    }
}
