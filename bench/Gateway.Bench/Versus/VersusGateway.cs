using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>One of the two gateways, with a Redis and endpoints of the chain of its own, so that what these do is its alone.</summary>
internal sealed class VersusGateway : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(60);
    private readonly GatewayProgram _program;
    private readonly string _authorityFile;
    private readonly StartedParts _parts = new();
    private BenchRedis? _redis;
    private ChildProcess? _process;
    private GrpcChannel? _channel;
    private PayerApi.PayerApiClient _client = null!;

    private VersusGateway(GatewayProgram program, string authorityFile)
    {
        _program = program;
        _authorityFile = authorityFile;
    }

    /// <summary>The process that runs now.</summary>
    public ServerUnderTest Server { get; private set; } = null!;

    /// <summary>Its endpoint of the App Chain.</summary>
    public RpcMeter AppChain { get; private set; } = null!;

    /// <summary>Its endpoint of the settlement chain.</summary>
    public RpcMeter SettlementChain { get; private set; } = null!;

    /// <summary>Starts what the program needs, not yet the program.</summary>
    /// <param name="program">The program.</param>
    /// <param name="chain">Both chains.</param>
    /// <param name="authorityFile">What the program has to trust.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<VersusGateway> PrepareAsync(
        GatewayProgram program, Anvil chain, string authorityFile, CancellationToken cancellationToken)
    {
        var gateway = new VersusGateway(program, authorityFile);
        try
        {
            gateway.AppChain = gateway._parts.Add(await RpcMeter.StartAsync(chain.HttpUrl, chain.WebSocketUrl, cancellationToken));
            gateway.SettlementChain = gateway._parts.Add(await RpcMeter.StartAsync(chain.HttpUrl, chain.WebSocketUrl, cancellationToken));
            if (program.UsesRedis) gateway._redis = gateway._parts.Add(await BenchRedis.StartAsync(cancellationToken));
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the program anew; one that runs is killed before.</summary>
    /// <returns>The time from its start to its first answer.</returns>
    /// <exception cref="BenchFailure">It ended, or it does not publish.</exception>
    public async Task<TimeSpan> StartAsync(CancellationToken cancellationToken)
    {
        await StopAsync();
        var port = FreePort.Next();
        var start = _program.Start(Variables(port));
        var began = TimeProvider.System.GetTimestamp();
        _process = ChildProcess.Start(_program.Name, start);
        _ = _process.DrainAsync(CancellationToken.None);
        Server = new ServerUnderTest(_process, $"http://127.0.0.1:{port}", IsGateway: true, 0, _redis?.Id ?? 0);
        await WaitForPortAsync(_process, port, cancellationToken);
        var payer = Stage.Signer(_program.PayerKey).Address;
        await GatewayStart.WaitAsync(Server, null, cancellationToken, payer, PublishRequest.NodeId, Pause);
        var took = TimeProvider.System.GetElapsedTime(began);
        await GatewayStart.WaitAsync(Server, null, cancellationToken, payer, PublishRequest.SecondNodeId);
        _channel = GrpcChannel.ForAddress(Server.Url);
        _client = new PayerApi.PayerApiClient(_channel);
        return took;
    }

    /// <summary>Publishes a commit that nobody published before, and waits until it is known where it was mined.</summary>
    /// <exception cref="BenchFailure">It was refused, or there is no answer.</exception>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _client.PublishClientEnvelopesAsync(
                new PublishClientEnvelopesRequest { Envelopes = { CommitEnvelope.New() } },
                deadline: (TimeProvider.System.GetUtcNow() + MaxDelay).UtcDateTime,
                cancellationToken: cancellationToken);
        }
        catch (RpcException refused) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BenchFailure(
                $"{_program.Name} does not publish a commit: {refused.Status}\n{await Server.Process.LastLinesAsync()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _parts.DisposeAsync();
    }

    private async Task StopAsync()
    {
        _channel?.Dispose();
        if (_process is not { } process) return;
        _process = null;
        await process.DisposeAsync();
    }

    // Connecting is cheap beside a call that fails, and the program needs the processors.
    private static async Task WaitForPortAsync(ChildProcess process, int port, CancellationToken cancellationToken)
    {
        for (var since = TimeProvider.System.GetTimestamp();
            !process.HasExited && TimeProvider.System.GetElapsedTime(since) < MaxDelay;
            await Task.Delay(Pause, TimeProvider.System, cancellationToken))
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return;
            }
            catch (SocketException)
            {
                // It does not listen yet.
            }
        }
    }

    private Dictionary<string, string> Variables(int port)
    {
        var variables = new Dictionary<string, string>
        {
            ["XMTPD_API_ENABLE"] = "true",
            ["XMTPD_API_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["XMTPD_PAYER_ENABLE"] = "true",
            ["XMTPD_PAYER_PRIVATE_KEY"] = _program.PayerKey,
            ["XMTPD_CONTRACTS_ENVIRONMENT"] = "anvil",
            ["XMTPD_APP_CHAIN_RPC_URL"] = AppChain.HttpUrl.AbsoluteUri,
            ["XMTPD_APP_CHAIN_WSS_URL"] = AppChain.WebSocketUrl.AbsoluteUri,
            ["XMTPD_SETTLEMENT_CHAIN_RPC_URL"] = SettlementChain.HttpUrl.AbsoluteUri,
            ["XMTPD_SETTLEMENT_CHAIN_WSS_URL"] = SettlementChain.WebSocketUrl.AbsoluteUri,
            // Whom programs trust, of Go as of .NET.
            ["SSL_CERT_FILE"] = _authorityFile,
            // The original does not know these: this gateway listens on loopback and on one port.
            ["XMTPD_API_BIND_ADDRESS"] = "127.0.0.1",
            ["XMTPD_API_HTTP_PORT"] = "-1",
        };
        if (_redis is not null) variables["XMTPD_REDIS_URL"] = _redis.Url;
        return variables;
    }
}
