using System.Globalization;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.ColdStart;

/// <summary>What a gateway that is started needs: a chain and a node; and a load generator. All on loopback.</summary>
internal sealed class ColdStage : IAsyncDisposable
{
    private readonly ChildProcess _node;
    private readonly Anvil _anvil;

    private ColdStage(ChildProcess generator, ChildProcess node, Anvil anvil)
    {
        Generator = generator;
        _node = node;
        _anvil = anvil;
    }

    public ChildProcess Generator { get; }

    /// <summary>The JSON-RPC endpoint of both chains.</summary>
    public Uri Chain => _anvil.HttpUrl;

    /// <summary>Starts all of them; none is left when one fails.</summary>
    public static async Task<ColdStage> StartAsync(CancellationToken cancellationToken)
    {
        var id = PublishRequest.NodeId.ToString(CultureInfo.InvariantCulture);
        var generator = ChildProcess.Start("the load generator", DotnetProgram.Bench("load"));
        var node = ChildProcess.Start("the node", DotnetProgram.Bench("node", id, Stage.NodeKey));
        try
        {
            await generator.WaitForReadyAsync(cancellationToken);
            var url = new Uri(await node.WaitForReadyAsync(cancellationToken));
            var anvil = await BenchChain.StartAsync(
                PublishRequest.NodeId, url, Stage.Signer(Stage.NodeKey), new AnvilOptions(), cancellationToken);
            return new ColdStage(generator, node, anvil);
        }
        catch
        {
            await node.DisposeAsync();
            await generator.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _anvil.DisposeAsync();
        await _node.DisposeAsync();
        await Generator.DisposeAsync();
    }
}
