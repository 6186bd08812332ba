namespace Xmtp.Gateway.Hosting.Options;

/// <summary>The shared store. Without it the gateway keeps its state in memory and must be alone.</summary>
public sealed class RedisOptions
{
    /// <summary>
    /// The connection string or redis:// URL; null where none is given: then an <c>IConnectionMultiplexer</c> of the
    /// container is used, and memory where there is none either. May hold a password: never logged whole.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// The connection string or redis:// URL of a server that keeps the bodies of answers and may evict them; null keeps
    /// them in the shared store. May hold a password: never logged whole.
    /// </summary>
    public string? ResultsConnectionString { get; set; }

    /// <summary>What every key begins with. Default <c>xmtpd:</c>.</summary>
    public string KeyPrefix { get; set; } = "xmtpd:";

    /// <summary>How long the start waits for the store, which may come late. More than zero; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the container has a connection of its own; set once the container is built.</summary>
    internal bool HasRegisteredConnection { get; set; }

    /// <summary>How the server of the answers' bodies is connected to.</summary>
    internal RedisOptions OfResults() => new() { ConnectionString = ResultsConnectionString, ConnectTimeout = ConnectTimeout };

    /// <summary>Whether there is a shared store.</summary>
    internal bool IsConfigured => ConnectionString is not null || HasRegisteredConnection;
}
