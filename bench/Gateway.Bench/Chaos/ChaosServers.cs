using System.Net;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>The gateways and watchers of a run: stock programs with flags, as an operator starts them.</summary>
/// <param name="rpc">The JSON-RPC endpoint of both chains.</param>
/// <param name="socket">The chain's WebSocket.</param>
/// <param name="store">The flag that names Redis.</param>
/// <param name="payers">Who pays.</param>
/// <param name="logs">The folder of their logs, a file for each port; null for none.</param>
internal sealed class ChaosServers(Uri rpc, Uri socket, string store, ChaosPayers payers, string? logs = null)
{
    // What the runtime takes in a container of 512 MiB, three quarters of it: 384 MiB, in hexadecimal.
    private const string HeapLimit = "18000000";
    private static readonly TimeSpan MaxStart = TimeSpan.FromMinutes(2);

    private string[] Shared =>
    [
        "--contracts.app-chain.wss-url", socket.AbsoluteUri, "--contracts.settlement-chain.wss-url", socket.AbsoluteUri, store,
    ];

    /// <summary>A gateway that listens on this port, whose clock is ahead by so much.</summary>
    /// <param name="program">Its program at each start.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="clock">How far its clock is ahead.</param>
    /// <param name="more">More flags.</param>
    /// <param name="memoryPort">
    /// Where it tells what is on its managed heap, which then has the limit of a container of 512 MiB; null for nowhere.
    /// </param>
    public ChaosProcess Gateway(Func<string> program, int port, TimeSpan clock, IReadOnlyList<string> more, int? memoryPort)
    {
        var name = $"the gateway on port {port}";
        return new ChaosProcess(
            name,
            () =>
            {
                var start = DotnetProgram.Gateway(
                    program(), [.. GatewayStart.Flags(port, rpc, "always"), .. Shared, .. payers.Flags, .. more]);
                if (memoryPort is { } tells)
                {
                    start.WithAllocationPort(tells);
                    start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
                }

                if (payers.Key is { } key) start.Environment["XMTPD_PAYER_PRIVATE_KEY"] = key;
                ChaosClock.Set(start, clock);
                return ChildProcess.Start(name, start, LogOf("gateway", port));
            },
            (process, stopping) => WaitAsync(process, new Uri($"http://127.0.0.1:{port}/readyz"), HttpVersion.Version20, stopping));
    }

    /// <summary>A watcher whose figures are on this port.</summary>
    public ChaosProcess Watcher(int port)
    {
        var name = $"the watcher on port {port}";
        return new ChaosProcess(
            name,
            () => ChildProcess.Start(name, DotnetProgram.Gateway(
                DotnetProgram.WatcherPath,
                [
                    "--contracts.environment", "anvil",
                    "--contracts.app-chain.rpc-url", rpc.AbsoluteUri, "--contracts.settlement-chain.rpc-url", rpc.AbsoluteUri,
                    "--metrics.metrics-port", $"{port}", "--watcher.lease", "5s",
                    "--watcher.payer-address", payers.All[0].Address.ToString(), .. Shared,
                ]), LogOf("watcher", port)),
            (process, stopping) => WaitAsync(process, new Uri($"http://127.0.0.1:{port}/livez"), HttpVersion.Version11, stopping));
    }

    private string? LogOf(string part, int port) => logs is null ? null : Path.Combine(logs, $"{part}-{port}.log");

    private static async Task<bool> WaitAsync(ChildProcess process, Uri url, Version version, CancellationToken cancellationToken)
    {
        _ = process.DrainAsync(CancellationToken.None);
        using var client = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(1) })
        {
            DefaultRequestVersion = version,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(3),
        };
        var since = TimeProvider.System.GetTimestamp();
        while (!process.HasExited)
        {
            try
            {
                using var answer = await client.GetAsync(url, cancellationToken);
                if (answer.IsSuccessStatusCode) return true;
            }
            catch (Exception exception)
                when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // It does not listen yet.
            }

            if (TimeProvider.System.GetElapsedTime(since) > MaxStart)
                throw new BenchFailure($"{url} does not answer with success:\n{process.LastLines}");
            await ChaosFault.WaitAsync(TimeSpan.FromMilliseconds(200), cancellationToken);
        }

        return false;
    }
}
