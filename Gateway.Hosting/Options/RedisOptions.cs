namespace Xmtp.Gateway.Hosting.Options;

/// <summary>The shared store. Without it the gateway keeps its state in memory and must run as a single instance.</summary>
public sealed class RedisOptions
{
    /// <summary>
    /// The connection string or redis:// URL. If null, an <c>IConnectionMultiplexer</c> of the container is used, and
    /// memory if there is none either. May contain a password: never logged in full.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// The connection string or redis:// URL of a server that keeps the bodies of responses and may evict them; null
    /// keeps them in the shared store. May contain a password: never logged in full.
    /// </summary>
    public string? ResultsConnectionString { get; set; }

    /// <summary>The prefix of every key. Default <c>xmtpd:</c>.</summary>
    public string KeyPrefix { get; set; } = "xmtpd:";

    /// <summary>How long the start waits for the store to become available. More than zero; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the container has a connection registered; set once the container is built.</summary>
    internal bool HasRegisteredConnection { get; set; }

    /// <summary>The options of the connection to the server of the response bodies.</summary>
    internal RedisOptions OfResults() => new() { ConnectionString = ResultsConnectionString, ConnectTimeout = ConnectTimeout };

    /// <summary>Whether there is a shared store.</summary>
    internal bool IsConfigured => ConnectionString is not null || HasRegisteredConnection;
}
