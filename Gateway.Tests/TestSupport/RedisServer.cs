using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real redis-server on loopback that keeps nothing on disk.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly string[] _flags;
    private readonly DirectoryInfo _folder;
    private Process _process;
    private int _serverId;
    private bool _isStopped;

    private RedisServer(Process process, int port, string[] flags, DirectoryInfo folder)
    {
        _process = process;
        Port = port;
        _flags = flags;
        _folder = folder;
    }

    public int Port { get; }

    public int ProcessId => _process.Id;

    /// <summary>Where it writes its files.</summary>
    public string Folder => _folder.FullName;

    /// <summary>Starts one.</summary>
    /// <param name="flags">More of its flags, such as <c>--replicaof 127.0.0.1 6379</c>.</param>
    public static async Task<RedisServer> StartAsync(params string[] flags)
    {
        // A replica writes there what it is sent, and whoever starts in the same place would begin with it.
        var (port, folder) = (FreePort(), Directory.CreateTempSubdirectory("redis-"));
        flags = ["--dir", folder.FullName, .. flags];
        var server = new RedisServer(await LaunchAsync(port, flags), port, flags, folder);
        await server.WaitUntilItAnswersAsync();
        return server;
    }

    /// <summary>A command, over a connection of its own; the answer as text.</summary>
    public async Task<string> AskAsync(string command, params object[] arguments)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(
            $"127.0.0.1:{Port},allowAdmin=true,connectTimeout=30000,syncTimeout=30000");
        var answer = await connection.GetServer("127.0.0.1", Port).ExecuteAsync(command, arguments);
        return answer.Length < 0 ? answer.ToString() : string.Join(' ', ((RedisResult[])answer!).Select(one => one.ToString()));
    }

    /// <summary>SIGSTOP: it hangs, with every connection open.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("STOP");
        _isStopped = true;
    }

    /// <summary>SIGCONT: it goes on, and carries out what it was asked meanwhile.</summary>
    public async Task ContinueAsync()
    {
        await SignalAsync("CONT");
        _isStopped = false;
    }

    public Task<ConnectionMultiplexer> ConnectAsync() => ConnectionMultiplexer.ConnectAsync(ConnectionString);

    public string ConnectionString => $"127.0.0.1:{Port},allowAdmin=true,abortConnect=false,connectTimeout=1000,syncTimeout=1000";

    /// <summary>kill -9, as a machine that goes away.</summary>
    public async Task KillAsync()
    {
        await GuardedProcess.StopAsync(_process);
        _process.Dispose();
    }

    /// <summary>Comes back, empty, on the same port.</summary>
    public async Task RestartAsync()
    {
        foreach (var file in _folder.EnumerateFiles()) file.Delete();
        _process = await LaunchAsync(Port, _flags);
        await WaitUntilItAnswersAsync();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_isStopped) await ContinueAsync();
            await KillAsync();
        }
        catch (InvalidOperationException)
        {
            // It was ended by a test.
        }

        if (Directory.Exists(_folder.FullName)) _folder.Delete(recursive: true);
    }

    /// <summary>A port that nobody listens on, and that no other socket takes.</summary>
    public static int FreePort() => Bench.Processes.FreePort.Next();

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_serverId}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    private static async Task<Process> LaunchAsync(int port, string[] flags)
    {
        var program = await MachineProgram.FindAsync("redis-server", "redis-server");
        return GuardedProcess.Start(
            program,
            ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--enable-debug-command", "local", .. flags]);
    }

    private async Task WaitUntilItAnswersAsync()
    {
        using var timeout = new CancellationTokenSource(TestProcess.MaxLifetime);
        string? line;
        do
        {
            line = await _process.StandardOutput.ReadLineAsync(timeout.Token);
            if (line?.Split("pid=") is [_, var behind]) _serverId = int.Parse(behind.Split(',')[0], CultureInfo.InvariantCulture);
        }
        while (line is not null && !line.Contains("Ready to accept connections", StringComparison.Ordinal));
        Assert.NotNull(line);
        _process.BeginErrorReadLine();
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
    }
}
