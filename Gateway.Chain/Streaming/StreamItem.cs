using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>What a stream of a chain's news brings.</summary>
public enum StreamItemKind
{
    /// <summary>
    /// The subscription is in force from here on. What happened before it is not in the stream: read it from the chain now
    /// (from where you stopped), and drop what then comes twice. First of all items, and again after every <see cref="Lost"/>.
    /// </summary>
    Live,

    /// <summary>One piece of news.</summary>
    News,

    /// <summary>The connection is gone; nothing comes until the next <see cref="Live"/>.</summary>
    Lost,

    /// <summary>
    /// The endpoint did not take the subscription, for <see cref="StreamItem{T}.Error"/>; it is asked again, and
    /// nothing comes until the next <see cref="Live"/>.
    /// </summary>
    Refused,
}

/// <summary>One element of a stream.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="News">The news; null unless it is <see cref="StreamItemKind.News"/>.</param>
public readonly record struct StreamItem<T>(StreamItemKind Kind, T? News)
    where T : class
{
    /// <summary>Why the endpoint did not take the subscription; null unless it is <see cref="StreamItemKind.Refused"/>.</summary>
    public RpcError? Error { get; init; }
}
