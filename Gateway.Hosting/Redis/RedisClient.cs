using Microsoft.Extensions.Configuration;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// For a host that registers its own Redis client, as Aspire's <c>AddRedisClient</c> does: how it connects the client
/// to the gateway's shared store.
/// </summary>
public sealed class RedisClient
{
    /// <summary>
    /// The name of the connection string that is read when neither flag nor variable names a Redis:
    /// <c>ConnectionStrings:redis</c>.
    /// </summary>
    public const string ConnectionName = "redis";

    private RedisClient(string connectionString) => ConnectionString = connectionString;

    /// <summary>The connection string in the format of StackExchange.Redis. A secret: it may contain a password.</summary>
    public string ConnectionString { get; }

    /// <summary>
    /// The shared store named by flags, variables or <c>ConnectionStrings:redis</c>, in this order. Null when there is
    /// none, when it is invalid, which is a start fault, and when it disables the certificate check
    /// (<c>skip_verify</c>), which no connection string can express: then the gateway connects by itself.
    /// </summary>
    /// <param name="configuration">The application's configuration, after <c>AddXmtpGateway</c> added the flags.</param>
    public static RedisClient? Find(IConfiguration configuration)
    {
        var options = new RedisSettings().Read(configuration, []);
        return options.ConnectionString is not null && RedisConfiguration.CanRead(options) && RedisConfiguration.CanBeText(options)
            ? new RedisClient(RedisConfiguration.Read(options).ToString(includePassword: true))
            : null;
    }

    /// <summary>
    /// Sets what a connection string cannot express: a command fails at once while the connection is lost, and a server
    /// that is back is detected soon.
    /// </summary>
    public static void Configure(ConfigurationOptions client) => RedisConfiguration.FailFast(client);
}
