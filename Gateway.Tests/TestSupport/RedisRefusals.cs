namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// The errors by which a running Redis refuses everything, each made by bringing a real server into the state that it
/// belongs to, and out of it again, with the gateway's connections left open where that is possible.
/// </summary>
public sealed class RedisRefusals : IAsyncDisposable
{
    private const string Secret = "a-password";
    private readonly RedisServer _server;
    private readonly RedisLine _administrator;
    private Task _running = Task.CompletedTask;

    private RedisRefusals(RedisServer server, RedisLine administrator)
    {
        _server = server;
        _administrator = administrator;
    }

    /// <summary>Starts a server for one of the errors.</summary>
    public static async Task<RedisRefusals> StartAsync(string error)
    {
        string[] flags = error == "CLUSTERDOWN"
            ? ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", $"{RedisServer.FreePort()}"]
            : [];
        var server = await RedisServer.StartAsync(flags);
        var refusals = new RedisRefusals(server, await RedisLine.ConnectAsync(server.Port));
        if (error == "CLUSTERDOWN")
        {
            await refusals.AskAsync("CLUSTER ADDSLOTSRANGE 0 16383");
            await Eventually.IsAsync(
                async () => (await server.AskAsync("CLUSTER", "INFO")).Contains("cluster_state:ok", StringComparison.Ordinal),
                "the cluster is up");
        }

        return refusals;
    }

    /// <summary>Where the server listens.</summary>
    public int Port => _server.Port;

    /// <summary>From now on the server refuses with this error.</summary>
    public async Task BeginAsync(string error)
    {
        switch (error)
        {
            case "LOADING":
                // It answers other clients with the error while it loads slowly what it has saved.
                await AskAsync("DEBUG POPULATE 20000 fill 1000");
                await AskAsync("CONFIG SET loading-process-events-interval-bytes 1024");
                await AskAsync("CONFIG SET key-load-delay 5000");
                _running = AskOnAnotherAsync("DEBUG RELOAD");
                break;
            case "BUSY":
                await AskAsync("CONFIG SET lua-time-limit 20");
                _running = AskOnAnotherAsync("EVAL \"while true do end\" 0");
                break;
            case "MASTERDOWN":
                await AskAsync("CONFIG SET replica-serve-stale-data no");
                await AskAsync($"REPLICAOF 127.0.0.1 {RedisServer.FreePort()}");
                break;
            case "READONLY":
                await AskAsync($"REPLICAOF 127.0.0.1 {RedisServer.FreePort()}");
                break;
            case "NOREPLICAS":
                await AskAsync("CONFIG SET min-replicas-to-write 1");
                break;
            case "MISCONF":
                // A folder is where the file has to be written, so that no save succeeds, as on a disk that is full.
                Directory.CreateDirectory(Path.Combine(_server.Folder, "dump.rdb"));
                await AskAsync("CONFIG SET save \"3600 1\"");
                await AskAsync("BGSAVE");
                await Eventually.IsAsync(
                    async () => (await _server.AskAsync("INFO", "persistence"))
                        .Contains("rdb_last_bgsave_status:err", StringComparison.Ordinal),
                    "a save fails");
                break;
            case "NOPERM":
                await AskAsync("ACL SETUSER default -hset");
                break;
            case "CLUSTERDOWN":
                await AskAsync("CLUSTER DELSLOTSRANGE 0 16383");
                break;
            case "password":
                await AskAsync($"CONFIG SET requirepass {Secret}");
                await EndConnectionsAsync();
                break;
            case "maxclients":
                await AskAsync("CONFIG SET maxclients 1");
                await EndConnectionsAsync();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(error), error, "unknown");
        }
    }

    /// <summary>The server serves again.</summary>
    public async Task EndAsync(string error)
    {
        switch (error)
        {
            case "LOADING":
                await AskAsync("CONFIG SET key-load-delay 0");
                break;
            case "BUSY":
                await AskAsync("SCRIPT KILL");
                break;
            case "MASTERDOWN" or "READONLY":
                await AskAsync("REPLICAOF NO ONE");
                break;
            case "NOREPLICAS":
                await AskAsync("CONFIG SET min-replicas-to-write 0");
                break;
            case "MISCONF":
                Directory.Delete(Path.Combine(_server.Folder, "dump.rdb"));
                await AskAsync("BGSAVE");
                break;
            case "NOPERM":
                await AskAsync("ACL SETUSER default +hset");
                break;
            case "CLUSTERDOWN":
                await AskAsync("CLUSTER ADDSLOTSRANGE 0 16383");
                break;
            case "password":
                await AskAsync("CONFIG SET requirepass \"\"");
                break;
            case "maxclients":
                await AskAsync("CONFIG SET maxclients 1000");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(error), error, "unknown");
        }

        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        _administrator.Dispose();
        await _server.DisposeAsync();
    }

    private async Task AskAsync(string command)
    {
        var answer = await _administrator.AskAsync(command);
        Assert.False(answer.StartsWith('-'), $"{command}: {answer}");
    }

    // A script that is ended this way answers with an error.
    private async Task AskOnAnotherAsync(string command)
    {
        using var connection = await RedisLine.ConnectAsync(_server.Port);
        await connection.AskAsync(command);
    }

    private async Task EndConnectionsAsync()
    {
        foreach (var type in new[] { "normal", "pubsub" }) await AskAsync($"CLIENT KILL TYPE {type} SKIPME yes");
    }
}
