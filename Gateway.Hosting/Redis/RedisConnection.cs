using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Instrumentation.StackExchangeRedis;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// The one connection to the shared store: the container's <see cref="IConnectionMultiplexer"/> if one is registered,
/// else one of its own. A lost connection is restored automatically; until then commands fail at once.
/// </summary>
/// <remarks>Thread-safe. The connection can be replaced, so callers must not keep the result of <see cref="Database"/>.</remarks>
/// <param name="options">The address of the store.</param>
/// <param name="services">May have a registered connection.</param>
/// <param name="tracing">Creates spans for the commands, when tracing is on.</param>
internal sealed class RedisConnection(
    IOptions<RedisOptions> options, IServiceProvider services, StackExchangeRedisInstrumentation? tracing = null) : IAsyncDisposable
{
    private static readonly TimeSpan UntilClosed = TimeSpan.FromSeconds(5);
    private readonly Lock _connecting = new();
    private volatile Current? _current;
    private volatile Refused? _refusal;
    private int _isRenewing;
    private volatile bool _isDisposed;

    /// <summary>The connection was replaced: subscribers of channels must subscribe again.</summary>
    internal event Action? Renewed;

    /// <summary>
    /// Why the store refused the last new connection, such as a password that was changed; null when it did not, or was not
    /// reached.
    /// </summary>
    internal StoreCheckResult? Refusal => _refusal?.Result;

    /// <summary>Whether the first connect was attempted: <see cref="Database"/> no longer blocks.</summary>
    internal bool IsConnected => _current is not null;

    /// <summary>Forgets the refusal: the store has accepted a write since.</summary>
    internal void ForgetRefusal() => _refusal = null;

    /// <summary>The connection; the first use connects and blocks for some seconds at most.</summary>
    internal IConnectionMultiplexer Client => (_current ?? Connect()).Client;

    /// <summary>The store; the first use connects and blocks for some seconds at most.</summary>
    internal IDatabase Database => Client.GetDatabase();

    /// <summary>The store. The first connect does not block the caller.</summary>
    internal Task<IDatabaseAsync> DatabaseAsync() =>
        IsConnected ? Task.FromResult<IDatabaseAsync>(Database) : Task.Run<IDatabaseAsync>(() => Database);

    /// <summary>
    /// Connects again, and replaces the current connection once the new one accepted a write. One attempt at a time.
    /// </summary>
    /// <param name="write">Writes as a publish does; throws when the write fails.</param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>Whether there is a new connection now that accepts writes.</returns>
    internal async Task<bool> RenewAsync(Func<IDatabaseAsync, Task> write, CancellationToken cancellationToken)
    {
        if (_current is not { } old || Interlocked.Exchange(ref _isRenewing, 1) != 0) return false;
        try
        {
            var configuration = ConfigurationOf(old.Client);
            configuration.AbortOnConnectFail = true;
            // With sentinels a part of it blocks.
            var fresh = await Task.Run(() => ConnectionMultiplexer.ConnectAsync(configuration), cancellationToken).ConfigureAwait(false);
            if (await TakesWritesAsync(fresh, write).ConfigureAwait(false) && Replace(old, fresh)) return true;
            await fresh.DisposeAsync().ConfigureAwait(false);
            return false;
        }
        catch (Exception exception) when (RedisFault.Is(exception) || exception is ArgumentException or OperationCanceledException)
        {
            var result = RedisFault.Of(exception);
            _refusal = result.Status == StoreStatus.Unavailable ? null : new Refused(result);
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

    // Commands in flight over the old connection may still be answered.
    private static async Task CloseAsync(IConnectionMultiplexer old)
    {
        await Task.Delay(UntilClosed).ConfigureAwait(false);
        await ((Task)old.DisposeAsync().AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // A connect that throws, for example while all sentinels are unavailable, is retried at the next use.
    private Current Connect()
    {
        lock (_connecting)
        {
            if (_current is { } made) return made;
            // A registered connection is traced by the application's own instrumentation, which finds it in the
            // container.
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

    // An application may use Redis for something else: a flag that names another server takes precedence.
    private bool IsMeant(IConnectionMultiplexer registered) =>
        options.Value.ConnectionString is null
        || RedisConfiguration.Read(options.Value).EndPoints
            .Select(Text)
            .ToHashSet()
            .SetEquals(registered.GetEndPoints(configuredOnly: true).Select(Text));

    private static string? Text(System.Net.EndPoint endpoint) => endpoint.ToString();

    private sealed record Refused(StoreCheckResult Result);

    private sealed record Current(IConnectionMultiplexer Client, bool IsOwn);
}
