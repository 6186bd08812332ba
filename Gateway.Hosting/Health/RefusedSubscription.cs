using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>
/// The level at which the refusals of a subscription are logged: one warning when they begin, not one for each attempt, and none
/// while the provider is unavailable.
/// </summary>
/// <param name="what">What is subscribed to.</param>
/// <param name="faults">The level of an error; null for a subscription that is active.</param>
internal sealed class RefusedSubscription(string what, Func<RpcError?, LogLevel> faults)
{
    private static readonly RpcError Unknown = RpcError.Malformed("eth_subscribe", "no reason");
    private bool _isTold;

    /// <summary>What is subscribed to.</summary>
    public string What => what;

    /// <summary>The level of the line that an item of the stream writes; null for none.</summary>
    public LogLevel? LevelOf(StreamItemKind kind, RpcError? error)
    {
        if (kind == StreamItemKind.Live)
        {
            _isTold = false;
            faults(null);
        }

        if (kind != StreamItemKind.Refused || _isTold) return null;
        var level = faults(error ?? Unknown);
        _isTold = level >= LogLevel.Warning;
        return level;
    }
}
