using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>What faults are injected into: gateways of one payer, their Redis, nodes, and a chain behind an RPC proxy.</summary>
internal sealed class ChaosStage : IAsyncDisposable
{
    private const int NodeCount = 4;
    private const int PayerAccount = 1;
    private static readonly TimeSpan BlockTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxStart = TimeSpan.FromMinutes(2);
    private readonly Stack<IAsyncDisposable> _started = new();
    private readonly HttpClient _client = new();
    private readonly List<ChaosProcess> _gateways = [];
    private readonly ConcurrentQueue<long> _emptied = new();
    private DevNetwork _chain = null!;
    private int _redisPort;

    /// <summary>The gateways.</summary>
    public IReadOnlyList<ChaosProcess> Gateways => _gateways;

    /// <summary>Where they listen, in the same order.</summary>
    public IReadOnlyList<Uri> Urls { get; private set; } = [];

    /// <summary>Their Redis.</summary>
    public ChaosProcess Redis { get; private set; } = null!;

    /// <summary>When Redis was emptied, as timestamps of the clock.</summary>
    public IReadOnlyCollection<long> Emptied => _emptied;

    /// <summary>The nodes.</summary>
    public IReadOnlyList<DevNode> Nodes { get; private set; } = [];

    /// <summary>The RPC endpoint of the gateways.</summary>
    public ChaosRpc Rpc { get; private set; } = null!;

    /// <summary>The chain itself.</summary>
    public DevChain Chain => _chain.Chain;

    /// <summary>Starts all of it; none is left when one part fails.</summary>
    public static async Task<ChaosStage> StartAsync(int gateways, CancellationToken cancellationToken)
    {
        var stage = new ChaosStage();
        try
        {
            await stage.StartAllAsync(gateways, cancellationToken);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a call of the chain's own that has no method here.</summary>
    public async Task TellChainAsync(string method, JsonArray parameters, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters };
        using var content = new StringContent(request.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var answer = await _client.PostAsync(_chain.ChainUrl, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Empties Redis, as after a failover to a replica that had nothing.</summary>
    public async Task EmptyRedisAsync(CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _redisPort, cancellationToken);
        var answer = new byte[5];
        await socket.GetStream().WriteAsync("FLUSHALL\r\n"u8.ToArray(), cancellationToken);
        await socket.GetStream().ReadExactlyAsync(answer, cancellationToken);
        if (!answer.AsSpan().SequenceEqual("+OK\r\n"u8)) throw new BenchFailure("Redis refuses FLUSHALL");
        _emptied.Enqueue(TimeProvider.System.GetTimestamp());
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var one)) await one.DisposeAsync();
        _client.Dispose();
    }

    private async Task StartAllAsync(int gateways, CancellationToken cancellationToken)
    {
        _chain = Started(await DevNetwork.StartAsync(
            new DevNetOptions { Only = DevNetPart.Chain, BlockTime = BlockTime }, cancellationToken));
        Nodes = Started(await DevNetwork.StartAsync(
            new DevNetOptions { Only = DevNetPart.Nodes, Chain = _chain.ChainUrl, Nodes = NodeCount }, cancellationToken)).Nodes;
        Rpc = Started(await ChaosRpc.StartAsync(_chain.ChainUrl, cancellationToken));
        _redisPort = FreePort.Next();
        Redis = Started(new ChaosProcess("redis-server", () => BenchRedis.Launch(_redisPort), BenchRedis.WaitAsync));
        await Redis.StartAsync(cancellationToken);
        var ports = Enumerable.Range(0, gateways).Select(_ => FreePort.Next()).ToList();
        Urls = [.. ports.Select(port => new Uri($"http://127.0.0.1:{port}"))];
        foreach (var port in ports)
        {
            _gateways.Add(Started(new ChaosProcess(
                $"the gateway on port {port}",
                () => LaunchGateway(port),
                (process, stopping) => WaitForGatewayAsync(process, port, stopping))));
        }

        await Task.WhenAll(_gateways.Select(gateway => gateway.StartAsync(cancellationToken)));
    }

    private ChildProcess LaunchGateway(int port)
    {
        var start = DotnetProgram.Gateway(
            DotnetProgram.GatewayPath,
            [
                .. GatewayStart.Flags(port, Rpc.Url, "always"),
                "--contracts.app-chain.wss-url", _chain.ChainWebSocketUrl.AbsoluteUri,
                "--contracts.settlement-chain.wss-url", _chain.ChainWebSocketUrl.AbsoluteUri,
                $"--redis.redis-url=redis://127.0.0.1:{_redisPort}",
            ]);
        start.Environment["XMTPD_PAYER_PRIVATE_KEY"] = DevAccounts.PrivateKeys[PayerAccount];
        return ChildProcess.Start($"the gateway on port {port}", start);
    }

    private static async Task<bool> WaitForGatewayAsync(ChildProcess process, int port, CancellationToken cancellationToken)
    {
        _ = process.DrainAsync(CancellationToken.None);
        using var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(1) })
        {
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(3),
        };
        var since = TimeProvider.System.GetTimestamp();
        while (!process.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"), cancellationToken);
                if (answer.IsSuccessStatusCode) return true;
            }
            catch (Exception exception)
                when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // It does not listen yet.
            }

            if (TimeProvider.System.GetElapsedTime(since) > MaxStart)
                throw new BenchFailure($"the gateway on port {port} is not ready:\n{process.LastLines}");
            await ChaosFault.WaitAsync(TimeSpan.FromMilliseconds(200), cancellationToken);
        }

        return false;
    }

    private T Started<T>(T part)
        where T : IAsyncDisposable
    {
        _started.Push(part);
        return part;
    }
}
