namespace Xmtp.Gateway.Hosting.Options;

/// <summary>The shared store. Without it the gateway keeps its state in memory and must be alone.</summary>
public sealed class RedisOptions
{
    /// <summary>The connection string or redis:// URL; null for memory. May hold a password: never logged whole.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>What every key begins with. Default <c>xmtpd:</c>.</summary>
    public string KeyPrefix { get; set; } = "xmtpd:";

    /// <summary>How long a connect may take. More than zero; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
