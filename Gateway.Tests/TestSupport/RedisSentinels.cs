using System.Diagnostics;
using StackExchange.Redis;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Three real sentinels on loopback over one master. Two of them decide.</summary>
public sealed class RedisSentinels : IAsyncDisposable
{
    private readonly List<Process> _processes = [];
    private readonly List<int> _ports = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sentinels-");
    private readonly string _master;

    private RedisSentinels(string master) => _master = master;

    /// <summary>All of them, as a connection string names them.</summary>
    public string Servers => string.Join(',', _ports.Select(port => $"127.0.0.1:{port}"));

    public static async Task<RedisSentinels> StartAsync(string master, int port)
    {
        var sentinels = new RedisSentinels(master);
        var program = await MachineProgram.FindAsync("redis-server", "redis-server");
        for (var i = 0; i < 3; i++)
        {
            var own = RedisServer.FreePort();
            var file = Path.Combine(sentinels._folder.FullName, $"{own}.conf");
            // What it finds out it writes there.
            await File.WriteAllLinesAsync(
                file,
                [
                    $"port {own}", "bind 127.0.0.1", $"dir {sentinels._folder.FullName}", $"sentinel monitor {master} 127.0.0.1 {port} 2",
                    $"sentinel down-after-milliseconds {master} 30000", $"sentinel failover-timeout {master} 20000",
                ],
                TestContext.Current.CancellationToken);
            var process = GuardedProcess.Start(program, [file, "--sentinel"]);
            process.BeginErrorReadLine();
            _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            sentinels._processes.Add(process);
            sentinels._ports.Add(own);
        }

        await Eventually.IsAsync(() => sentinels.KnowEachOtherAsync(), "the sentinels know each other");
        return sentinels;
    }

    /// <summary>A command to the first of them; the answer as text.</summary>
    public Task<string> AskAsync(string command, params object[] arguments) => AskAsync(_ports[0], command, arguments);

    /// <summary>Asks for a failover as an administrator does, with the master alive.</summary>
    /// <returns>False while they do not want to.</returns>
    public async Task<bool> FailOverAsync()
    {
        try
        {
            return await AskAsync("SENTINEL", "FAILOVER", _master) == "OK";
        }
        catch (RedisServerException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await GuardedProcess.StopAsync(process);
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task<bool> KnowEachOtherAsync()
    {
        foreach (var port in _ports)
        {
            try
            {
                if (!(await AskAsync(port, "INFO", "sentinel")).Contains("sentinels=3", StringComparison.Ordinal)) return false;
            }
            catch (RedisException)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<string> AskAsync(int port, string command, params object[] arguments)
    {
        var options = ConfigurationOptions.Parse($"127.0.0.1:{port},allowAdmin=true,connectTimeout=1000");
        options.CommandMap = CommandMap.Sentinel;
        await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
        return Text(await connection.GetServers()[0].ExecuteAsync(command, arguments));
    }

    private static string Text(RedisResult answer) =>
        answer.Length < 0 ? answer.ToString() : string.Join(' ', ((RedisResult[])answer!).Select(Text));
}
