using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Operator.Chains;

/// <summary>The names of the chains in health checks and at the chain watcher, and the words for what their providers fail.</summary>
internal static class ChainNames
{
    internal const string App = "app-chain";
    internal const string Settlement = "settlement-chain";

    /// <summary>The counts of failed requests, by words.</summary>
    internal static IReadOnlyDictionary<string, long> Words(IReadOnlyDictionary<RpcErrorKind, long> failures) =>
        failures.GroupBy(failed => Words(failed.Key), StringComparer.Ordinal)
            .ToDictionary(failed => failed.Key, failed => failed.Sum(one => one.Value), StringComparer.Ordinal);

    private static string Words(RpcErrorKind kind) => kind switch
    {
        RpcErrorKind.RateLimited => "rate limited (429)",
        RpcErrorKind.Transport => "no answer",
        RpcErrorKind.Malformed => "unusable answer",
        RpcErrorKind.MethodNotFound => "method not served",
        RpcErrorKind.RangeTooLarge => "range too large",
        _ => "other error",
    };
}
