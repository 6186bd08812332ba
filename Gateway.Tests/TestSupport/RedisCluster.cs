using System.Globalization;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A real cluster of three masters on loopback.</summary>
public sealed class RedisCluster : IAsyncDisposable
{
    private const int Slots = 16384;
    private readonly List<RedisServer> _servers = [];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-");

    /// <summary>All of them, as a connection string names them.</summary>
    public string Servers => string.Join(',', _servers.Select(server => $"127.0.0.1:{server.Port}"));

    public static async Task<RedisCluster> StartAsync()
    {
        var cluster = new RedisCluster();
        for (var i = 0; i < 3; i++)
        {
            var file = Path.Combine(cluster._folder.FullName, $"{i}.conf");
            cluster._servers.Add(await RedisServer.StartAsync(
                "--cluster-enabled",
                "yes",
                "--cluster-config-file",
                file,
                "--cluster-port",
                RedisServer.FreePort().ToString(CultureInfo.InvariantCulture),
                "--cluster-node-timeout",
                "60000"));
        }

        for (var i = 0; i < 3; i++)
            await cluster._servers[i].AskAsync("CLUSTER", "ADDSLOTSRANGE", Slots * i / 3, (Slots * (i + 1) / 3) - 1);
        foreach (var other in cluster._servers.Skip(1))
            await cluster._servers[0].AskAsync("CLUSTER", "MEET", "127.0.0.1", other.Port, await BusPortAsync(other));
        await Eventually.IsAsync(
            async () => (await Task.WhenAll(cluster._servers.Select(IsWholeAsync))).All(isWhole => isWhole), "all of them know all slots");
        return cluster;
    }

    /// <summary>How many of them hold a key.</summary>
    public async Task<int> UsedServersAsync()
    {
        var sizes = await Task.WhenAll(_servers.Select(server => server.AskAsync("DBSIZE")));
        return sizes.Count(size => size != "0");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers) await server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<string> BusPortAsync(RedisServer server) =>
        (await server.AskAsync("CONFIG", "GET", "cluster-port")).Split(' ')[1];

    private static async Task<bool> IsWholeAsync(RedisServer server)
    {
        var info = await server.AskAsync("CLUSTER", "INFO");
        return info.Contains("cluster_state:ok", StringComparison.Ordinal)
            && info.Contains("cluster_known_nodes:3", StringComparison.Ordinal);
    }
}
