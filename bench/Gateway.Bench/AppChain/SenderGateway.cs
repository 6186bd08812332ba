using System.Text.Json;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.Payers;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>The stock gateway with a payers file, whose one payer has senders.</summary>
internal sealed class SenderGateway : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("senders").FullName;
    private ChildProcess? _process;
    private GrpcChannel? _channel;
    private PayerApi.PayerApiClient _client = null!;

    private SenderGateway()
    {
    }

    /// <summary>Starts it on a chain, and gives its senders gas.</summary>
    public static async Task<SenderGateway> StartAsync(Anvil chain, int senders, CancellationToken cancellationToken)
    {
        var gateway = new SenderGateway();
        try
        {
            await gateway.RunAsync(chain, senders, cancellationToken);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
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
        if (_process is not null) await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync(Anvil chain, int senders, CancellationToken cancellationToken)
    {
        var (payer, payerFile) = NewKey("payer.key");
        var files = new List<string>();
        for (var i = 0; i < senders; i++)
        {
            var (sender, file) = NewKey($"{i}.key");
            await new DevChain(chain.Rpc).SetBalanceAsync(sender.Address, Wei.FromEther(1000), cancellationToken);
            files.Add($$"""{ "privateKeyFile": {{JsonSerializer.Serialize(file)}} }""");
        }

        var payers = Path.Combine(_folder, "payers.json");
        await File.WriteAllTextAsync(
            payers,
            $$"""
            {
              "payers": [{
                "name": "bench", "privateKeyFile": {{JsonSerializer.Serialize(payerFile)}}, "senders": [{{string.Join(',', files)}}],
                "callers": [{ "addresses": "127.0.0.0/8" }], "origins": []
              }]
            }
            """,
            cancellationToken);
        var (port, socket) = (FreePort.Next(), chain.WebSocketUrl.AbsoluteUri);
        _process = ChildProcess.Start(
            "the gateway with senders",
            DotnetProgram.Gateway(
                DotnetProgram.GatewayPath,
                [
                    .. GatewayStart.Flags(port, chain.HttpUrl, "sampled"), "--payers-file", payers,
                    "--contracts.app-chain.wss-url", socket, "--contracts.settlement-chain.wss-url", socket,
                ]));
        _ = _process.DrainAsync(CancellationToken.None);
        var url = $"http://127.0.0.1:{port}";
        await GatewayStart.WaitAsync(
            new ServerUnderTest(_process, url, IsGateway: true, 0), null, cancellationToken, payer.Address);
        // More calls at once than one connection has streams.
        _channel = GrpcChannel.ForAddress(
            url, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
        _client = new PayerApi.PayerApiClient(_channel);
    }

    private (PrivateKeySigner Signer, string File) NewKey(string name)
    {
        var key = KeyFile.NewKey();
        return (Stage.Signer(key), KeyFile.Write(_folder, name, key));
    }
}
