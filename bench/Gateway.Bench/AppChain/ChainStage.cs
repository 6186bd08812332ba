using Grpc.Net.Client;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>A chain that mines in one way, and the stock gateway on it.</summary>
internal sealed class ChainStage : IAsyncDisposable
{
    private readonly StartedParts _parts = new();
    private GrpcChannel _channel = null!;
    private PayerApi.PayerApiClient _client = null!;

    private ChainStage(Mining mining) => Mining = mining;

    public Mining Mining { get; }

    public Anvil Chain { get; private set; } = null!;

    public static Task<ChainStage> StartAsync(Mining mining, CancellationToken cancellationToken) =>
        StartedParts.StartAllAsync(new ChainStage(mining), stage => stage.StartAsync(cancellationToken));

    /// <summary>Publishes a commit that nobody published before, and waits until it is known where it was mined.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken) =>
        await _client.PublishClientEnvelopesAsync(
            new PublishClientEnvelopesRequest { Envelopes = { CommitEnvelope.New() } }, cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        await _parts.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var mining = new AnvilOptions { BlockTime = Mining.BlockTime };
        Chain = (await BenchChain.StartWithNodeAsync(_parts, mining, cancellationToken)).Chain;
        string[] sockets =
        [
            "--contracts.app-chain.wss-url",
            Chain.WebSocketUrl.AbsoluteUri,
            "--contracts.settlement-chain.wss-url",
            Chain.WebSocketUrl.AbsoluteUri,
        ];
        var gateway = await GatewayStart.RunAsync(Chain.HttpUrl, "sampled", sockets, cancellationToken);
        _parts.Add(gateway.Process);
        _channel = GrpcChannel.ForAddress(gateway.Url);
        _client = new PayerApi.PayerApiClient(_channel);
    }
}
