using StackExchange.Redis;
using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>How the Redis of a run is set up.</summary>
internal enum ChaosRedisKind
{
    /// <summary>One server.</summary>
    Alone,

    /// <summary>A primary, two replicas, and three sentinels.</summary>
    Sentinel,

    /// <summary>Three servers that share the slots.</summary>
    Cluster,
}

/// <summary>The processes of a Redis, on loopback, without anything on disk that outlives the run.</summary>
internal sealed class ChaosRedis : IAsyncDisposable
{
    private const string Name = "chaos";
    private const int Count = 3;
    private const int Slots = 16384;
    private static readonly TimeSpan MaxStart = TimeSpan.FromMinutes(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chaos-redis-");
    private readonly List<ChaosProcess> _processes = [];
    private readonly List<int> _ports = [];
    private readonly List<int> _sentinels = [];
    private readonly ChaosRedisKind _kind;
    private int _next;

    private ChaosRedis(ChaosRedisKind kind) => _kind = kind;

    /// <summary>What gateways and watchers are told.</summary>
    public string Flag => _kind switch
    {
        ChaosRedisKind.Sentinel => $"--redis.connection-string={Addresses(_sentinels)},serviceName={Name}",
        ChaosRedisKind.Cluster => $"--redis.connection-string={Addresses(_ports)}",
        _ => $"--redis.redis-url=redis://127.0.0.1:{_ports[0]}",
    };

    /// <summary>The ports of the servers.</summary>
    public IReadOnlyList<int> Ports => _ports;

    /// <summary>Starts all processes, and waits until they serve together.</summary>
    public static async Task<ChaosRedis> StartAsync(ChaosRedisKind kind, CancellationToken cancellationToken)
    {
        var redis = new ChaosRedis(kind);
        try
        {
            for (var i = 0; i < (kind == ChaosRedisKind.Alone ? 1 : Count); i++) await redis.StartServerAsync(i, cancellationToken);
            if (kind == ChaosRedisKind.Sentinel) await redis.StartSentinelsAsync(cancellationToken);
            if (kind == ChaosRedisKind.Cluster) await redis.JoinAsync(cancellationToken);
            return redis;
        }
        catch
        {
            await redis.DisposeAsync();
            throw;
        }
    }

    /// <summary>The number of the server to inject a fault into: the primary; in a cluster each of them in turn.</summary>
    public async Task<int> TargetAsync()
    {
        if (_kind == ChaosRedisKind.Cluster) return _next++ % Count;
        if (_kind == ChaosRedisKind.Alone) return 0;
        var address = await AskSentinelAsync(0, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", Name);
        return _ports.FindIndex(port => address.EndsWith($" {port}", StringComparison.Ordinal)) is var found and >= 0
            ? found
            : throw new BenchFailure($"the sentinels name a primary that is none of the servers: {address}");
    }

    /// <summary>The process of a server.</summary>
    public ChaosProcess Server(int number) => _processes[number];

    /// <summary>A command to a server; the answer as text.</summary>
    public async Task<string> AskAsync(int number, string command, params object[] arguments)
    {
        await using var connection = await ConnectAsync(number);
        return Text(await connection.GetServer("127.0.0.1", _ports[number]).ExecuteAsync(command, arguments));
    }

    /// <summary>A connection to a server, and in a cluster to all of them.</summary>
    public Task<ConnectionMultiplexer> ConnectAsync(int number) => ConnectionMultiplexer.ConnectAsync(
        $"127.0.0.1:{_ports[number]},allowAdmin=true,connectTimeout=10000,syncTimeout=10000,asyncTimeout=10000");

    /// <summary>The sentinels make a replica the primary, as an administrator asks them to, with the primary alive.</summary>
    /// <returns>False while they do not want to, since they have just done so.</returns>
    public async Task<bool> FailOverAsync()
    {
        try
        {
            return await AskSentinelAsync(0, "SENTINEL", "FAILOVER", Name) == "OK";
        }
        catch (RedisServerException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes) await process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Addresses(IEnumerable<int> ports) => string.Join(',', ports.Select(port => $"127.0.0.1:{port}"));

    private async Task StartServerAsync(int number, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        List<string> flags = ["--dir", _folder.FullName];
        if (_kind == ChaosRedisKind.Sentinel && number > 0) flags.AddRange(["--replicaof", $"127.0.0.1 {_ports[0]}"]);
        if (_kind == ChaosRedisKind.Cluster)
        {
            flags.AddRange(
            [
                "--cluster-enabled", "yes", "--cluster-config-file", Path.Combine(_folder.FullName, $"{number}.conf"),
                "--cluster-port", $"{FreePort.Next()}", "--cluster-node-timeout", "60000",
            ]);
        }

        _ports.Add(port);
        var server = new ChaosProcess($"redis-server {number}", () => BenchRedis.Launch(port, [.. flags]), BenchRedis.WaitAsync);
        _processes.Add(server);
        await server.StartAsync(cancellationToken);
    }

    private async Task StartSentinelsAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Count; i++)
        {
            var port = FreePort.Next();
            var file = Path.Combine(_folder.FullName, $"sentinel-{port}.conf");
            await File.WriteAllLinesAsync(
                file,
                [
                    $"port {port}", "bind 127.0.0.1", $"dir {_folder.FullName}", $"sentinel monitor {Name} 127.0.0.1 {_ports[0]} 2",
                    $"sentinel down-after-milliseconds {Name} 2000", $"sentinel failover-timeout {Name} 6000",
                ],
                cancellationToken);
            var sentinel = new ChaosProcess(
                $"sentinel {i}",
                () => ChildProcess.Start("redis-sentinel", new("redis-server", [file, "--sentinel"])),
                (process, stopping) =>
                {
                    _ = process.DrainAsync(CancellationToken.None);
                    return Task.FromResult(true);
                });
            _sentinels.Add(port);
            _processes.Add(sentinel);
            await sentinel.StartAsync(cancellationToken);
        }

        await UntilAsync(
            async number => (await AskSentinelAsync(number, "INFO", "sentinel")).Contains("slaves=2,sentinels=3", StringComparison.Ordinal),
            cancellationToken);
    }

    private async Task JoinAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < Count; i++) await AskAsync(i, "CLUSTER", "ADDSLOTSRANGE", Slots * i / Count, (Slots * (i + 1) / Count) - 1);
        for (var i = 1; i < Count; i++)
        {
            var bus = (await AskAsync(i, "CONFIG", "GET", "cluster-port")).Split(' ')[1];
            await AskAsync(0, "CLUSTER", "MEET", "127.0.0.1", _ports[i], bus);
        }

        await UntilAsync(
            async number => await AskAsync(number, "CLUSTER", "INFO") is var info
                && info.Contains("cluster_state:ok", StringComparison.Ordinal)
                && info.Contains($"cluster_known_nodes:{Count}", StringComparison.Ordinal),
            cancellationToken);
    }

    // Until each of them says so.
    private static async Task UntilAsync(Func<int, Task<bool>> isReady, CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        for (var number = 0; number < Count;)
        {
            try
            {
                if (await isReady(number))
                {
                    number++;
                    continue;
                }
            }
            catch (RedisException)
            {
                // It does not listen yet.
            }

            if (TimeProvider.System.GetElapsedTime(since) > MaxStart) throw new BenchFailure("the servers of Redis do not find each other");
            await ChaosFault.WaitAsync(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    private async Task<string> AskSentinelAsync(int number, string command, params object[] arguments)
    {
        var options = ConfigurationOptions.Parse($"127.0.0.1:{_sentinels[number]},allowAdmin=true,connectTimeout=2000");
        options.CommandMap = CommandMap.Sentinel;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        return Text(await connection.GetServers()[0].ExecuteAsync(command, arguments));
    }

    private static string Text(RedisResult answer) =>
        answer.Length < 0 ? answer.ToString() : string.Join(' ', ((RedisResult[])answer!).Select(Text));
}
