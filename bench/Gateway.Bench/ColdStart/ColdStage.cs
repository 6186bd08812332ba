using System.Globalization;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.ColdStart;

/// <summary>What a gateway that is started needs: a chain and a node; and a load generator. All on loopback.</summary>
internal sealed class ColdStage : IAsyncDisposable
{
    private readonly StartedParts _parts = new();

    private ColdStage()
    {
    }

    public ChildProcess Generator { get; private set; } = null!;

    /// <summary>The JSON-RPC endpoint of both chains.</summary>
    public Uri Chain { get; private set; } = null!;

    /// <summary>Starts all of them; none is left when one fails.</summary>
    public static async Task<ColdStage> StartAsync(CancellationToken cancellationToken)
    {
        var stage = new ColdStage();
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

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        var id = PublishRequest.NodeId.ToString(CultureInfo.InvariantCulture);
        Generator = await _parts.StartGeneratorAsync(cancellationToken);
        var (_, node) = await _parts.StartServerAsync("the node", DotnetProgram.Bench("node", id, Stage.NodeKey), cancellationToken);
        Chain = _parts.Add(await BenchChain.StartAsync(
            PublishRequest.NodeId, new Uri(node), Stage.Signer(Stage.NodeKey), new AnvilOptions(), cancellationToken)).HttpUrl;
    }
}
