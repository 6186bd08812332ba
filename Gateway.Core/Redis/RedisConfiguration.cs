using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>Reads the connection string of the shared store: StackExchange.Redis' form, or a <c>redis://</c> or <c>rediss://</c> URL.</summary>
internal static class RedisConfiguration
{
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

    /// <summary>The client's options. A connection that is away comes back by itself; while it is away commands fail at once.</summary>
    /// <exception cref="ArgumentException">The connection string is none.</exception>
    internal static ConfigurationOptions Read(RedisOptions options)
    {
        var text = options.ConnectionString ?? throw new InvalidOperationException("there is no Redis");
        var result = text.Contains("://", StringComparison.Ordinal) ? ReadUrl(new Uri(text)) : ConfigurationOptions.Parse(text);
        result.AbortOnConnectFail = false;
        result.ConnectTimeout = (int)options.ConnectTimeout.TotalMilliseconds;
        FailFast(result);
        return result;
    }

    /// <summary>Commands that wait for a connection would be carried out long after everyone gave up on them.</summary>
    internal static void FailFast(ConfigurationOptions client) => client.BacklogPolicy = BacklogPolicy.FailFast;

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
