using Grpc.Net.Client;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>A chain that mines in one way, and the stock gateway on it.</summary>
internal sealed class ChainStage : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _started = new();
    private GrpcChannel _channel = null!;
    private PayerApi.PayerApiClient _client = null!;

    private ChainStage(Mining mining) => Mining = mining;

    public Mining Mining { get; }

    public Anvil Chain { get; private set; } = null!;

    public static async Task<ChainStage> StartAsync(Mining mining, CancellationToken cancellationToken)
    {
        var stage = new ChainStage(mining);
        try
        {
            await stage.StartAsync(cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Publishes a commit that nobody published before, and waits until it is known where it was mined.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken) =>
        await _client.PublishClientEnvelopesAsync(
            new PublishClientEnvelopesRequest { Envelopes = { CommitEnvelope.New() } }, cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        while (_started.TryPop(out var one)) await one.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var node = ChildProcess.Start("the node", DotnetProgram.Bench("node", $"{PublishRequest.NodeId}", Stage.NodeKey));
        _started.Push(node);
        var nodeUrl = new Uri(await node.WaitForReadyAsync(cancellationToken));
        Chain = await BenchChain.StartAsync(
            PublishRequest.NodeId,
            nodeUrl,
            Stage.Signer(Stage.NodeKey),
            new AnvilOptions { BlockTime = Mining.BlockTime },
            cancellationToken);
        _started.Push(Chain);

        string[] sockets =
        [
            "--contracts.app-chain.wss-url",
            Chain.WebSocketUrl.AbsoluteUri,
            "--contracts.settlement-chain.wss-url",
            Chain.WebSocketUrl.AbsoluteUri,
        ];
        var gateway = await GatewayStart.RunAsync(Chain.HttpUrl, "sampled", sockets, cancellationToken);
        _started.Push(gateway.Process);
        _channel = GrpcChannel.ForAddress(gateway.Url);
        _client = new PayerApi.PayerApiClient(_channel);
    }
}
