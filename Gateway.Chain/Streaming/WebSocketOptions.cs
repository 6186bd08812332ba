namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>Options of a WebSocket connection to a chain.</summary>
public sealed record WebSocketOptions
{
    /// <summary>How often a silent peer is pinged. More than zero; default 10 s.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the peer may take to answer a ping before the connection counts as lost. More than zero; default 10 s.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long connecting may take. More than zero; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the response to a subscription may take before it is requested again. More than zero; default 10 s.
    /// </summary>
    public TimeSpan SubscribeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before the first retry; it doubles with each. More than zero; default 250 ms.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait before a retry. Default 30 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest message that is read, in bytes; a larger one ends the connection. Default 64 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 64 << 20;

    /// <summary>
    /// The max number of unread items of a slow reader; beyond it the stream restarts with
    /// <see cref="StreamItemKind.Live"/>. Default 4096.
    /// </summary>
    public int MaxUnread { get; init; } = 4096;
}
