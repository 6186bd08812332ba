using StackExchange.Redis;
using Xmtp.Gateway.Bench.Chaos;

namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>Reads the figures of all servers of a Redis.</summary>
internal sealed class RedisMeter : IAsyncDisposable
{
    private static readonly string[] Sections = ["stats", "commandstats", "cpu"];
    private readonly ConnectionMultiplexer _connection;
    private readonly List<IServer> _servers;

    private RedisMeter(ConnectionMultiplexer connection, IEnumerable<int> ports)
    {
        _connection = connection;
        _servers = [.. ports.Select(port => connection.GetServer("127.0.0.1", port))];
    }

    public static async Task<RedisMeter> ConnectAsync(ChaosRedis redis) => new(await redis.ConnectAsync(0), redis.Ports);

    /// <summary>The figures of each server.</summary>
    public async Task<IReadOnlyList<RedisReading>> ReadAsync()
    {
        List<RedisReading> readings = [];
        foreach (var server in _servers)
        {
            var sections = new List<string>();
            foreach (var section in Sections) sections.Add($"{await server.ExecuteAsync("INFO", section)}");
            readings.Add(RedisReading.Parse(string.Join('\n', sections)));
        }

        return readings;
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
