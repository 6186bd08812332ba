using StackExchange.Redis;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A connection to a Redis that a suite of a store shares, with a prefix of keys that no other test has.</summary>
public sealed class ConnectedRedis : IAsyncDisposable
{
    private ConnectionMultiplexer? _connection;

    public string Prefix { get; } = $"test-{Guid.NewGuid():N}:";

    public ConnectionMultiplexer Connection => _connection ?? throw new InvalidOperationException("it is not connected");

    public IDatabase Database => Connection.GetDatabase();

    /// <summary>How stores connect.</summary>
    public Task<IDatabaseAsync> ConnectAsync() => Task.FromResult<IDatabaseAsync>(Database);

    /// <summary>Connects, before the first test.</summary>
    public async ValueTask OpenAsync(Task<ConnectionMultiplexer> connecting) => _connection = await connecting;

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
    }
}
