using Xmtp.Gateway.Bench.Chaos;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>A chain that mines each second, an RPC endpoint that counts, and a node; gateways come and go.</summary>
internal sealed class ScalingStage : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _started = new();
    private Anvil _chain = null!;

    /// <summary>The RPC endpoint of the gateways.</summary>
    public ChaosRpc Rpc { get; private set; } = null!;

    /// <summary>Starts it; nothing is left when a part fails.</summary>
    public static async Task<ScalingStage> StartAsync(CancellationToken cancellationToken)
    {
        var stage = new ScalingStage();
        try
        {
            await stage.StartAllAsync(cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts gateways on a Redis; who calls ends their processes.</summary>
    public async Task<IReadOnlyList<ServerUnderTest>> StartGatewaysAsync(
        int count, ScalingRules rules, ChaosRedis redis, CancellationToken cancellationToken)
    {
        string[] flags =
        [
            .. rules.Flags, redis.Flag,
            "--contracts.app-chain.wss-url", _chain.WebSocketUrl.AbsoluteUri,
            "--contracts.settlement-chain.wss-url", _chain.WebSocketUrl.AbsoluteUri,
        ];
        List<ServerUnderTest> gateways = [];
        try
        {
            while (gateways.Count < count)
                gateways.Add(await GatewayStart.RunAsync(Rpc.Url, "sampled", flags, cancellationToken, rules.Token));
            return gateways;
        }
        catch
        {
            foreach (var gateway in gateways) await gateway.Process.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var one)) await one.DisposeAsync();
    }

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        var node = ChildProcess.Start("the node", DotnetProgram.Bench("node", $"{PublishRequest.NodeId}", Stage.NodeKey));
        _started.Push(node);
        _chain = await BenchChain.StartAsync(
            PublishRequest.NodeId,
            new Uri(await node.WaitForReadyAsync(cancellationToken)),
            Stage.Signer(Stage.NodeKey),
            new AnvilOptions { BlockTime = ChaosStage.BlockTime },
            cancellationToken);
        _started.Push(_chain);
        await new DevChain(_chain.Rpc).AddRatesAsync(OriginatorWriter.Rates, cancellationToken);
        Rpc = await ChaosRpc.StartAsync(_chain.HttpUrl, cancellationToken);
        _started.Push(Rpc);
    }
}
