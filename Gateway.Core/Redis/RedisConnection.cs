using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Instrumentation.StackExchangeRedis;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// The one connection to the shared store: the container's <see cref="IConnectionMultiplexer"/> where one is registered,
/// else one of its own. It comes back by itself; while it is away commands fail at once.
/// </summary>
/// <param name="options">Where it is.</param>
/// <param name="services">May have a connection.</param>
/// <param name="tracing">Makes spans of the commands, where traces are on.</param>
internal sealed class RedisConnection(IOptions<RedisOptions> options, IServiceProvider services, StackExchangeRedisInstrumentation? tracing = null) : IAsyncDisposable
{
    private readonly Lazy<(IConnectionMultiplexer Client, bool IsOwn)> connection = new(() => Connect(options.Value, services, tracing));

    /// <summary>The store; the first use starts to connect, and waits for the connect timeout at most.</summary>
    internal IDatabase Database => connection.Value.Client.GetDatabase();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection is { IsValueCreated: true, Value: { IsOwn: true, Client: var own } } ? own.DisposeAsync() : ValueTask.CompletedTask;

    private static (IConnectionMultiplexer Client, bool IsOwn) Connect(RedisOptions options, IServiceProvider services, StackExchangeRedisInstrumentation? tracing)
    {
        // A registered one is traced by whoever turned traces on: its instrumentation looks for it in the container.
        if (services.GetService<IConnectionMultiplexer>() is { } registered && IsMeant(options, registered)) return (registered, false);
        var connection = ConnectionMultiplexer.Connect(RedisConfiguration.Read(options));
        tracing?.AddConnection(connection);
        return (connection, true);
    }

    // An application may have a Redis for something else: a flag that names another server is followed.
    private static bool IsMeant(RedisOptions options, IConnectionMultiplexer registered) =>
        options.ConnectionString is null
        || RedisConfiguration.Read(options).EndPoints.Select(Text).ToHashSet().SetEquals(registered.GetEndPoints(configuredOnly: true).Select(Text));

    private static string? Text(System.Net.EndPoint endpoint) => endpoint.ToString();
}
