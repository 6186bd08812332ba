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
/// <remarks>Thread-safe. It can be made anew, so nobody keeps what <see cref="Database"/> returns.</remarks>
/// <param name="options">Where it is.</param>
/// <param name="services">May have a connection.</param>
/// <param name="tracing">Makes spans of the commands, where traces are on.</param>
internal sealed class RedisConnection(
    IOptions<RedisOptions> options, IServiceProvider services, StackExchangeRedisInstrumentation? tracing = null) : IAsyncDisposable
{
    private static readonly TimeSpan UntilClosed = TimeSpan.FromSeconds(5);
    private readonly Lock _connecting = new();
    private volatile Current? _current;
    private int _isRenewing;
    private volatile bool _isDisposed;

    /// <summary>Another connection took the place of the one before: who subscribed to something subscribes again.</summary>
    internal event Action? Renewed;

    /// <summary>Whether the first connect was tried: <see cref="Database"/> does not block any more.</summary>
    internal bool IsConnected => _current is not null;

    /// <summary>The connection; the first use starts to connect, and waits for some seconds at most.</summary>
    internal IConnectionMultiplexer Client => (_current ?? Connect()).Client;

    /// <summary>The store; the first use starts to connect, and waits for some seconds at most.</summary>
    internal IDatabase Database => Client.GetDatabase();

    /// <summary>The store. The first connect blocks no caller.</summary>
    internal Task<IDatabaseAsync> DatabaseAsync() =>
        IsConnected ? Task.FromResult<IDatabaseAsync>(Database) : Task.Run<IDatabaseAsync>(() => Database);

    /// <summary>
    /// Connects anew, and lets that connection take the place of the one that is there once it took a write. One at a
    /// time.
    /// </summary>
    /// <param name="write">Writes as a publish does; throws where it cannot.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>Whether there is another connection now, which takes writes.</returns>
    internal async Task<bool> RenewAsync(Func<IDatabaseAsync, Task> write, CancellationToken cancellationToken)
    {
        if (_current is not { } old || Interlocked.Exchange(ref _isRenewing, 1) != 0) return false;
        try
        {
            var configuration = ConfigurationOf(old.Client);
            configuration.AbortOnConnectFail = true;
            // With sentinels part of it blocks.
            var fresh = await Task.Run(() => ConnectionMultiplexer.ConnectAsync(configuration), cancellationToken).ConfigureAwait(false);
            if (await TakesWritesAsync(fresh, write).ConfigureAwait(false) && Replace(old, fresh)) return true;
            await fresh.DisposeAsync().ConfigureAwait(false);
            return false;
        }
        catch (Exception exception) when (RedisFault.Is(exception) || exception is ArgumentException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            Volatile.Write(ref _isRenewing, 0);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (_current is { IsOwn: true, Client: var own }) await own.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<bool> TakesWritesAsync(ConnectionMultiplexer fresh, Func<IDatabaseAsync, Task> write)
    {
        try
        {
            await write(fresh.GetDatabase()).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (RedisFault.Is(exception) || exception is OperationCanceledException)
        {
            return false;
        }
    }

    private bool Replace(Current old, ConnectionMultiplexer fresh)
    {
        if (_isDisposed) return false;
        tracing?.AddConnection(fresh);
        _current = new Current(fresh, IsOwn: true);
        Renewed?.Invoke();
        if (old.IsOwn) _ = CloseAsync(old.Client);
        return true;
    }

    // What is asked for over the old one may still be answered.
    private static async Task CloseAsync(IConnectionMultiplexer old)
    {
        await Task.Delay(UntilClosed).ConfigureAwait(false);
        await ((Task)old.DisposeAsync().AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // A connect that throws, as one to sentinels that are away does, is tried again at the next use.
    private Current Connect()
    {
        lock (_connecting)
        {
            if (_current is { } made) return made;
            // A registered one is traced by whoever turned traces on: its instrumentation looks for it in the container.
            if (RedisConfiguration.CanBeText(options.Value)
                && services.GetService<IConnectionMultiplexer>() is { } registered
                && IsMeant(registered))
            {
                return _current = new Current(registered, IsOwn: false);
            }
            var own = ConnectionMultiplexer.Connect(RedisConfiguration.Read(options.Value));
            tracing?.AddConnection(own);
            return _current = new Current(own, IsOwn: true);
        }
    }

    private ConfigurationOptions ConfigurationOf(IConnectionMultiplexer client)
    {
        if (options.Value.ConnectionString is not null) return RedisConfiguration.Read(options.Value);
        var configuration = ConfigurationOptions.Parse(client.Configuration);
        RedisConfiguration.FailFast(configuration);
        return configuration;
    }

    // An application may have a Redis for something else: a flag that names another server is followed.
    private bool IsMeant(IConnectionMultiplexer registered) =>
        options.Value.ConnectionString is null
        || RedisConfiguration.Read(options.Value).EndPoints
            .Select(Text)
            .ToHashSet()
            .SetEquals(registered.GetEndPoints(configuredOnly: true).Select(Text));

    private static string? Text(System.Net.EndPoint endpoint) => endpoint.ToString();

    private sealed record Current(IConnectionMultiplexer Client, bool IsOwn);
}
