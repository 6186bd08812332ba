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
        Url = $"redis://127.0.0.1:{port}";
    }

    /// <summary>Its process.</summary>
    public int Id => _process.Id;

    /// <summary>Where it listens.</summary>
    public string Url { get; }

    /// <summary>What a gateway is told.</summary>
    public string Flag => "--redis.redis-url=" + Url;

    public static async Task<BenchRedis> StartAsync(CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var redis = new BenchRedis(Launch(port), port);
        if (await WaitAsync(redis._process, cancellationToken)) return redis;
        throw new BenchFailure($"redis-server ended before it was ready:\n{redis._process.LastLines}");
    }

    /// <summary>Waits until a process of <see cref="Launch"/> serves.</summary>
    /// <returns>False when it ended before.</returns>
    public static async Task<bool> WaitAsync(ChildProcess process, CancellationToken cancellationToken)
    {
        while (await process.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.Contains("Ready to accept connections", StringComparison.Ordinal)) continue;
            _ = process.DrainAsync(CancellationToken.None);
            return true;
        }

        return false;
    }

    /// <summary>Starts the process alone, which listens on the port and keeps nothing on disk.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="more">More flags.</param>
    /// <exception cref="BenchFailure">redis-server is not installed.</exception>
    public static ChildProcess Launch(int port, params string[] more)
    {
        try
        {
            return ChildProcess.Start(
                "redis-server",
                new ProcessStartInfo(
                    "redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", .. more]));
        }
        catch (Win32Exception)
        {
            throw new BenchFailure("this measurement needs redis-server on the PATH: apt-get install redis-server");
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
