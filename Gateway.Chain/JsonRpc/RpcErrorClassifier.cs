namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Classifies errors by code and data where these are specific, and by the message where the code is a catch-all.
/// </summary>
/// <remarks>
/// Codes: 3 is a revert (geth, Anvil, Arbitrum); -32015 is a revert from Nethermind; -32005 is a limit (EIP-1474), and
/// the message says whether of size or of rate; -32007 and -32012 (QuickNode), 15 (dRPC), -32029 and -32090 are a rate
/// limit unless the message says otherwise; -32601 is an unknown method, -32004 an unsupported one. -32000 and -32003 are
/// catch-alls.
/// </remarks>
public static class RpcErrorClassifier
{
    private static readonly (string Words, RpcErrorKind Kind)[] Known =
    [
        ("nonce too low", RpcErrorKind.NonceTooLow),
        ("nonce is too low", RpcErrorKind.NonceTooLow),
        ("oldnonce", RpcErrorKind.NonceTooLow),
        ("nonce too high", RpcErrorKind.NonceTooHigh),
        ("nonce is too high", RpcErrorKind.NonceTooHigh),
        ("nonce gap", RpcErrorKind.NonceTooHigh),
        ("already known", RpcErrorKind.AlreadyKnown),
        ("already imported", RpcErrorKind.AlreadyKnown),
        ("alreadyknown", RpcErrorKind.AlreadyKnown),
        ("known transaction", RpcErrorKind.AlreadyKnown),
        ("underpriced", RpcErrorKind.Underpriced),
        ("max fee per gas less than block base fee", RpcErrorKind.Underpriced),
        ("feetoolow", RpcErrorKind.Underpriced),
        ("fee cap less than", RpcErrorKind.Underpriced),
        ("insufficient funds", RpcErrorKind.InsufficientFunds),
        ("insufficientfunds", RpcErrorKind.InsufficientFunds),
        ("execution reverted", RpcErrorKind.Reverted),
        ("vm execution error", RpcErrorKind.Reverted),
        ("rate limit", RpcErrorKind.RateLimited),
        ("rate-limit", RpcErrorKind.RateLimited),
        ("ratelimit", RpcErrorKind.RateLimited),
        ("request rate exceeded", RpcErrorKind.RateLimited),
        ("too many request", RpcErrorKind.RateLimited),
        ("request count exceeded", RpcErrorKind.RateLimited),
        ("exceeded its compute units", RpcErrorKind.RateLimited),
        ("block range", RpcErrorKind.RangeTooLarge),
        ("query returned more than", RpcErrorKind.RangeTooLarge),
        ("response size", RpcErrorKind.RangeTooLarge),
        ("too many results", RpcErrorKind.RangeTooLarge),
        ("range is too", RpcErrorKind.RangeTooLarge),
        ("range too large", RpcErrorKind.RangeTooLarge),
        ("eth_getlogs is limited", RpcErrorKind.RangeTooLarge),
        ("exceed maximum block", RpcErrorKind.RangeTooLarge),
        ("request limit", RpcErrorKind.RateLimited),
        ("requests per second", RpcErrorKind.RateLimited),
        ("rps limit", RpcErrorKind.RateLimited),
        ("credits limited", RpcErrorKind.RateLimited),
        ("quota exceeded", RpcErrorKind.RateLimited),
        ("exceeded the quota", RpcErrorKind.RateLimited),
        ("capacity exceeded", RpcErrorKind.RateLimited),
        ("throttl", RpcErrorKind.RateLimited),
    ];

    private static readonly string[] Refusals =
    [
        "not available",
        "unavailable",
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
        "does not exist",
        " plan",
        "upgrade",
        "subscribe to",
    ];

    /// <summary>Classifies an error.</summary>
    /// <param name="code">The JSON-RPC code.</param>
    /// <param name="data">The revert data of a contract; null when the error carries none.</param>
    /// <param name="message">The endpoint's message.</param>
    public static RpcErrorKind Classify(int code, byte[]? data, string message) => code switch
    {
        3 or -32015 => RpcErrorKind.Reverted,
        429 => RpcErrorKind.RateLimited,
        -32601 => RpcErrorKind.MethodNotFound,
        _ when data is { Length: >= 4 } => RpcErrorKind.Reverted,
        -32005 or -32007 or -32012 or -32029 or -32090 or 15 =>
            ByWords(message) is var kind and not RpcErrorKind.Other ? kind : RpcErrorKind.RateLimited,
        _ => ByWords(message),
    };

    // "transaction type not supported" is about the transaction.
    internal static bool IsMethodRefused(RpcError error) => error.Kind switch
    {
        RpcErrorKind.MethodNotFound => true,
        RpcErrorKind.RateLimited => false,
        _ when error.HttpStatus is 401 or 402 or 403 or 404 or 405 => true,
        RpcErrorKind.Other => error.Code == -32004
            || (!error.Message.Contains("transaction type", StringComparison.OrdinalIgnoreCase)
                && Refusals.Any(words => error.Message.Contains(words, StringComparison.OrdinalIgnoreCase))),
        _ => false,
    };

    private static RpcErrorKind ByWords(string message)
    {
        foreach (var (words, kind) in Known)
        {
            if (message.Contains(words, StringComparison.OrdinalIgnoreCase)) return kind;
        }

        return RpcErrorKind.Other;
    }
}
