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
    public static Task<ColdStage> StartAsync(CancellationToken cancellationToken) =>
        StartedParts.StartAllAsync(new ColdStage(), stage => stage.StartAllAsync(cancellationToken));

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        Generator = await _parts.StartGeneratorAsync(cancellationToken);
        Chain = (await BenchChain.StartWithNodeAsync(_parts, new AnvilOptions(), cancellationToken)).Chain.HttpUrl;
    }
}
