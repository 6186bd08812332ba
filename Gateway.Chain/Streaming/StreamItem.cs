using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>The kind of an item of a stream of chain events.</summary>
public enum StreamItemKind
{
    /// <summary>
    /// The subscription is active from here on. The stream lacks all earlier events: read them from the chain now, from
    /// where you stopped, and drop duplicates. Comes before any event, after every <see cref="Lost"/>, and when unread
    /// or unreadable items were dropped.
    /// </summary>
    Live,

    /// <summary>One event.</summary>
    Value,

    /// <summary>The connection or the subscription is lost; no event comes until the next <see cref="Live"/>.</summary>
    Lost,

    /// <summary>
    /// The endpoint refused the subscription, for <see cref="StreamItem{T}.Error"/>; it is requested again, and no event
    /// comes until the next <see cref="Live"/>.
    /// </summary>
    Refused,
}

/// <summary>One element of a stream.</summary>
/// <param name="Kind">The kind of item.</param>
/// <param name="Value">The event; null unless it is <see cref="StreamItemKind.Value"/>.</param>
public readonly record struct StreamItem<T>(StreamItemKind Kind, T? Value)
    where T : class
{
    /// <summary>Why the endpoint refused the subscription; null unless it is <see cref="StreamItemKind.Refused"/>.</summary>
    public RpcError? Error { get; init; }
}
