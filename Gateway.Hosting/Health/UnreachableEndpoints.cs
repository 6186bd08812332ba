using System.Collections.Concurrent;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>The RPC endpoints that do not answer at present, as <see cref="ChainHealth"/> finds them. Thread-safe.</summary>
internal sealed class UnreachableEndpoints
{
    private readonly ConcurrentDictionary<string, long> _away = new(StringComparer.Ordinal);

    /// <summary>Whether an endpoint is known not to answer.</summary>
    public bool Contains(string endpoint) => _away.ContainsKey(endpoint);

    /// <summary>Records that an endpoint does not answer; false when that was known.</summary>
    /// <param name="endpoint">Scheme, host and port.</param>
    /// <param name="since">The timestamp of its last answer.</param>
    public bool Add(string endpoint, long since) => _away.TryAdd(endpoint, since);

    /// <summary>Records that an endpoint answers; false when that was known.</summary>
    /// <param name="endpoint">Scheme, host and port.</param>
    /// <param name="since">The timestamp of its last answer before it went away.</param>
    public bool Remove(string endpoint, out long since) => _away.TryRemove(endpoint, out since);
}
