using Xmtp.Gateway.Bench.Chaos;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>A chain that mines each second, an RPC endpoint that counts, and a node; gateways come and go.</summary>
internal sealed class ScalingStage : IAsyncDisposable
{
    private readonly StartedParts _parts = new();
    private Anvil _chain = null!;

    /// <summary>The RPC endpoint of the gateways.</summary>
    public ChaosRpc Rpc { get; private set; } = null!;

    /// <summary>Starts it; nothing is left when a part fails.</summary>
    public static Task<ScalingStage> StartAsync(CancellationToken cancellationToken) =>
        StartedParts.StartAllAsync(new ScalingStage(), stage => stage.StartAllAsync(cancellationToken));

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

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        var mining = new AnvilOptions { BlockTime = ChaosStage.BlockTime };
        _chain = (await BenchChain.StartWithNodeAsync(_parts, mining, cancellationToken)).Chain;
        await new DevChain(_chain.Rpc).AddRatesAsync(OriginatorWriter.Rates, cancellationToken);
        Rpc = _parts.Add(await ChaosRpc.StartAsync(_chain.HttpUrl, cancellationToken));
    }
}
