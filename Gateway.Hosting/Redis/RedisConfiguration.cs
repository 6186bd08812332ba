using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Parses the connection string of the shared store: the format of StackExchange.Redis, which supports sentinels and
/// clusters too, or a URL (<see cref="RedisUrl"/>).
/// </summary>
internal static class RedisConfiguration
{
    private static readonly TimeSpan MaxTry = TimeSpan.FromSeconds(3);

    // The client decides at each whether to connect again: a little earlier than the policy wants would be a whole one later.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);

    // Option names that are a fault when given without a value: the client would take them for hosts.
    private static readonly string[] Options =
    [
        "ssl", "tls", "password", "user", "name", "serviceName", "allowAdmin", "abortConnect", "defaultDatabase", "db",
        "database",
    ];

    /// <summary>Why the connection string is unusable, without any part of it that may be secret.</summary>
    /// <returns>Null when it is usable.</returns>
    internal static string? Fault(RedisOptions options)
    {
        try
        {
            var read = Read(options);
            return read.EndPoints.Count == 0
                ? "it names no server"
                : read.DefaultDatabase < 0 ? "its database is not a number of at least 0" : null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
        catch (ArgumentException)
        {
            return "an option of it is not known, or its value is wrong";
        }
    }

    /// <summary>Whether the connection string is usable.</summary>
    internal static bool CanRead(RedisOptions options) => Fault(options) is null;

    /// <summary>
    /// Whether a connection string can express all options, so that a client of the host can be created from it.
    /// </summary>
    internal static bool CanBeText(RedisOptions options) =>
        options.ConnectionString is not { } text || !IsUrl(text) || !RedisUrl.Read(text).SkipsVerification;

    /// <summary>The client's options. A lost connection is restored automatically; until then commands fail at once.</summary>
    /// <exception cref="ArgumentException">The connection string is invalid.</exception>
    /// <exception cref="FormatException">The connection string is invalid; the message says why.</exception>
    internal static ConfigurationOptions Read(RedisOptions options)
    {
        var text = options.ConnectionString ?? throw new InvalidOperationException("there is no Redis");
        var url = IsUrl(text) ? RedisUrl.Read(text) : null;
        var result = url?.Options ?? ReadOptions(text);
        result.AbortOnConnectFail = false;
#pragma warning disable CA5359 // The operator's URL disables the certificate check, as in the original.
        if (url is { SkipsVerification: true }) result.CertificateValidation += (_, _, _, _) => true;
#pragma warning restore CA5359
        if (url is not { HasConnectTimeout: true } && !text.Contains("connectTimeout", StringComparison.OrdinalIgnoreCase))
            result.ConnectTimeout = (int)(options.ConnectTimeout < MaxTry ? options.ConnectTimeout : MaxTry).TotalMilliseconds;
        FailFast(result);
        return result;
    }

    /// <summary>
    /// Makes commands fail at once without a connection, since queued ones would run long after their callers gave up;
    /// and detects a server that is back within a second or two, however long it was unavailable.
    /// </summary>
    internal static void FailFast(ConfigurationOptions client)
    {
        client.BacklogPolicy = BacklogPolicy.FailFast;
        client.ConnectRetry = 1;
        client.HeartbeatInterval = Heartbeat;
        client.ReconnectRetryPolicy = new SoonAgain();
    }

    private static bool IsUrl(string text) =>
        text.Contains("://", StringComparison.Ordinal) && !text.Split("://", 2)[0].Contains(',', StringComparison.Ordinal);

    private static ConfigurationOptions ReadOptions(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (Options.Contains(part, StringComparer.OrdinalIgnoreCase))
                throw new FormatException("an option of it has no value, such as ssl=true");
        }

        return ConfigurationOptions.Parse(text);
    }

    // An attempt to connect gets a heartbeat, and after some attempts two: a distant server with TLS takes that long.
    private sealed class SoonAgain : IReconnectRetryPolicy
    {
        private const int ShortAttempts = 3;
        private static readonly TimeSpan Jitter = TimeSpan.FromMilliseconds(200);

        public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry) =>
            timeElapsedMillisecondsSinceLastRetry
                >= ((Heartbeat * (currentRetryCount < ShortAttempts ? 1 : 2)) - Jitter).TotalMilliseconds;
    }
}
