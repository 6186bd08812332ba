using System.ComponentModel;
using System.Diagnostics;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Authorize;

/// <summary>A redis-server on loopback that keeps nothing on disk.</summary>
internal sealed class BenchRedis : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private BenchRedis(ChildProcess process, int port)
    {
        _process = process;
        Flag = $"--redis.redis-url=redis://127.0.0.1:{port}";
    }

    /// <summary>What a gateway is told.</summary>
    public string Flag { get; }

    public static async Task<BenchRedis> StartAsync(CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var redis = new BenchRedis(Launch(port), port);
        while (await redis._process.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.Contains("Ready to accept connections", StringComparison.Ordinal)) continue;
            _ = redis._process.DrainAsync(CancellationToken.None);
            return redis;
        }

        throw new BenchFailure($"redis-server ended before it was ready:\n{redis._process.LastLines}");
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static ChildProcess Launch(int port)
    {
        try
        {
            return ChildProcess.Start(
                "redis-server",
                new ProcessStartInfo("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]));
        }
        catch (Win32Exception)
        {
            throw new BenchFailure("this measurement needs redis-server on the PATH: apt-get install redis-server");
        }
    }
}
