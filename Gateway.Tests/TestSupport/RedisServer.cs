using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real redis-server on loopback that keeps nothing on disk.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private Process process;

    private RedisServer(Process process, int port) => (this.process, Port) = (process, port);

    public int Port { get; }

    public int ProcessId => process.Id;

    public static async Task<RedisServer> StartAsync()
    {
        var port = FreePort();
        var server = new RedisServer(await LaunchAsync(port), port);
        await server.WaitUntilItAnswersAsync();
        return server;
    }

    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(ConnectionString);

    public string ConnectionString => $"127.0.0.1:{Port},allowAdmin=true,abortConnect=false,connectTimeout=1000,syncTimeout=1000";

    /// <summary>kill -9, as a machine that goes away.</summary>
    public async Task KillAsync()
    {
        await GuardedProcess.StopAsync(process);
        process.Dispose();
    }

    /// <summary>Comes back, empty, on the same port.</summary>
    public async Task RestartAsync()
    {
        process = await LaunchAsync(Port);
        await WaitUntilItAnswersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await KillAsync();
        }
        catch (InvalidOperationException)
        {
            // It was ended by a test.
        }
    }

    private static async Task<Process> LaunchAsync(int port)
    {
        var program = await MachineProgram.FindAsync("redis-server", "redis-server");
        return GuardedProcess.Start(program, ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--enable-debug-command", "local"]);
    }

    private async Task WaitUntilItAnswersAsync()
    {
        using var limit = new CancellationTokenSource(TestProcess.Longest);
        string? line;
        do line = await process.StandardOutput.ReadLineAsync(limit.Token);
        while (line is not null && !line.Contains("Ready to accept connections", StringComparison.Ordinal));
        Assert.NotNull(line);
        process.BeginErrorReadLine();
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
