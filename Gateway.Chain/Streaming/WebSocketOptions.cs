namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>How a WebSocket to a chain is kept.</summary>
public sealed record WebSocketOptions
{
    /// <summary>How often a silent peer is asked for a sign of life. More than zero; default 10 s.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take to give one before the connection counts as lost. More than zero; default 10 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long connecting may take. More than zero; default 10 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the answer to a subscription may take before it is asked for again. More than zero; default 10 s.</summary>
    public TimeSpan SubscribeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before the first new try; it doubles with each. More than zero; default 250 ms.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait before a new try. Default 30 s.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest message that is read, in bytes; a larger one ends the connection. Default 64 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 64 << 20;

    /// <summary>
    /// How much news a slow reader may leave unread; beyond it the stream starts anew with
    /// <see cref="StreamItemKind.Live"/>. Default 4096.
    /// </summary>
    public int MaxUnread { get; init; } = 4096;
}
