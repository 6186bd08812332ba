using Microsoft.Extensions.Options;
using OpenTelemetry.Instrumentation.StackExchangeRedis;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>The one connection to the shared store. It comes back by itself; while it is away commands fail at once.</summary>
/// <param name="options">Where it is.</param>
/// <param name="tracing">Makes spans of the commands, where traces are on.</param>
internal sealed class RedisConnection(IOptions<RedisOptions> options, StackExchangeRedisInstrumentation? tracing = null) : IAsyncDisposable
{
    private readonly Lazy<ConnectionMultiplexer> connection = new(() => Connect(options.Value, tracing));

    /// <summary>The store; the first use starts to connect, and waits for the connect timeout at most.</summary>
    internal IDatabase Database => connection.Value.GetDatabase();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => connection.IsValueCreated ? connection.Value.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>Whether the connection string is one.</summary>
    internal static bool CanRead(RedisOptions options)
    {
        try
        {
            return Read(options).EndPoints.Count > 0;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            return false;
        }
    }

    private static ConnectionMultiplexer Connect(RedisOptions options, StackExchangeRedisInstrumentation? tracing)
    {
        var connection = ConnectionMultiplexer.Connect(Read(options));
        tracing?.AddConnection(connection);
        return connection;
    }

    private static ConfigurationOptions Read(RedisOptions options)
    {
        var text = options.ConnectionString ?? throw new InvalidOperationException("there is no Redis");
        var result = text.Contains("://", StringComparison.Ordinal) ? ReadUrl(new Uri(text)) : ConfigurationOptions.Parse(text);
        result.AbortOnConnectFail = false;
        result.ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds;
        // Commands that wait for a connection would be carried out long after everyone gave up on them.
        result.BacklogPolicy = BacklogPolicy.FailFast;
        return result;
    }

    // redis://user:password@host:port/database, rediss:// over TLS
    private static ConfigurationOptions ReadUrl(Uri url)
    {
        var result = new ConfigurationOptions { Ssl = url.Scheme == "rediss" };
        result.EndPoints.Add(url.Host, url.Port > 0 ? url.Port : 6379);
        var user = url.UserInfo.Split(':', 2);
        if (user.Length == 2)
        {
            if (user[0].Length > 0) result.User = Uri.UnescapeDataString(user[0]);
            result.Password = Uri.UnescapeDataString(user[1]);
        }

        if (int.TryParse(url.AbsolutePath.Trim('/'), out var database)) result.DefaultDatabase = database;
        return result;
    }
}
