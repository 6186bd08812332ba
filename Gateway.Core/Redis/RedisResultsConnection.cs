using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>The connection to the server of the answers' bodies, where one is named. It comes back by itself; while it is away commands fail at once.</summary>
internal sealed class RedisResultsConnection(IOptions<RedisOptions> options) : IAsyncDisposable
{
    private readonly Lazy<ConnectionMultiplexer> connection = new(() => ConnectionMultiplexer.Connect(RedisConfiguration.Read(options.Value.OfResults())));

    /// <summary>The server; the first use starts to connect, and waits for the connect timeout at most.</summary>
    internal IDatabase Database => connection.Value.GetDatabase();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.IsValueCreated ? connection.Value.DisposeAsync() : ValueTask.CompletedTask;
}
