using Microsoft.Extensions.Configuration;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// How a host that registers a Redis client of its own, as Aspire's <c>AddRedisClient</c> does, connects it to the
/// gateway's shared store.
/// </summary>
public sealed class RedisClient
{
    /// <summary>
    /// The name of the connection string that is read where neither flag nor variable names a Redis:
    /// <c>ConnectionStrings:redis</c>.
    /// </summary>
    public const string ConnectionName = "redis";

    private RedisClient(string connectionString) => ConnectionString = connectionString;

    /// <summary>The connection string in the form of StackExchange.Redis. A secret: it may hold a password.</summary>
    public string ConnectionString { get; }

    /// <summary>
    /// The shared store that flags, variables or <c>ConnectionStrings:redis</c> name, in this order; null where none
    /// does, where it cannot be read, which is a fault of the start, and where it asks for a certificate that is not
    /// checked (<c>skip_verify</c>), which no connection string says: then the gateway connects by itself.
    /// </summary>
    /// <param name="configuration">The application's, after <c>AddXmtpGateway</c> put the flags into it.</param>
    public static RedisClient? Find(IConfiguration configuration)
    {
        var options = new RedisSettings().Read(configuration, []);
        return options.ConnectionString is not null && RedisConfiguration.CanRead(options) && RedisConfiguration.CanBeText(options)
            ? new RedisClient(RedisConfiguration.Read(options).ToString(includePassword: true))
            : null;
    }

    /// <summary>
    /// Sets what a connection string cannot say: a command fails at once while the connection is away, and a server
    /// that is back is found soon.
    /// </summary>
    public static void Configure(ConfigurationOptions client) => RedisConfiguration.FailFast(client);
}
