namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Classifies errors by code and data where these are specific, and by the message where the code is a catch-all.
/// </summary>
/// <remarks>
/// Codes: 3 is a revert (geth, Anvil, Arbitrum); -32015 is a revert from Nethermind; -32005 is a limit (EIP-1474), and
/// the message says whether of size or of rate; -32007 and -32012 (QuickNode), 15 (dRPC), -32029 and -32090 are a rate
/// limit unless the message says otherwise; -32601 is an unknown method, -32004 an unsupported one. -32000 and -32003 are
/// catch-alls. A limit of <c>eth_getLogs</c> is one of size, and one of <c>eth_subscribe</c> one of subscriptions, unless
/// the message is about rates.
/// </remarks>
public static class RpcErrorClassifier
{
    private static readonly string[] Refusals =
    [
        "not available",
        "not supported",
        "unsupported",
        "not allowed",
        "not permitted",
        "not enabled",
        "not whitelisted",
        "not authorized",
        "disabled",
        "unauthorized",
        "forbidden",
        " plan",
        "upgrade",
        "subscribe to",
    ];

    /// <summary>Classifies an error of a method that is not known.</summary>
    /// <param name="code">The JSON-RPC code.</param>
    /// <param name="data">The revert data of a contract; null when the error carries none.</param>
    /// <param name="message">The endpoint's message.</param>
    public static RpcErrorKind Classify(int code, byte[]? data, string message) => Classify(string.Empty, code, data, message);

    /// <summary>Classifies an error.</summary>
    /// <param name="method">The method that was called.</param>
    /// <param name="code">The JSON-RPC code.</param>
    /// <param name="data">The revert data of a contract; null when the error carries none.</param>
    /// <param name="message">The endpoint's message.</param>
    public static RpcErrorKind Classify(string method, int code, byte[]? data, string message) => code switch
    {
        3 or -32015 => RpcErrorKind.Reverted,
        429 => RpcErrorKind.RateLimited,
        -32601 => RpcErrorKind.MethodNotFound,
        _ when data is { Length: >= 4 } => RpcErrorKind.Reverted,
        -32005 or -32007 or -32012 or -32029 or -32090 or 15 =>
            RpcErrorWords.Find(method, message) is var kind and not RpcErrorKind.Other ? kind : Limit(method, code),
        _ => RpcErrorWords.Find(method, message),
    };

    // "transaction type not supported" is about the transaction.
    internal static bool IsMethodRefused(RpcError error) => error.Kind switch
    {
        RpcErrorKind.MethodNotFound => true,
        RpcErrorKind.RateLimited => false,
        _ when error.HttpStatus is 401 or 403 or 404 or 405 => true,
        RpcErrorKind.Other => error.Code == -32004
            || (!error.Message.Contains("transaction type", StringComparison.OrdinalIgnoreCase)
                && Refusals.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase))),
        _ => false,
    };

    private static RpcErrorKind Limit(string method, int code) => (method, code) switch
    {
        ("eth_getLogs", -32005) => RpcErrorKind.RangeTooLarge,
        ("eth_subscribe", -32005) => RpcErrorKind.Other,
        _ => RpcErrorKind.RateLimited,
    };
}
