namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Classifies errors by the words that nodes, providers and edges use. The first match counts.</summary>
internal static class RpcErrorWords
{
    private static readonly (string Words, RpcErrorKind Kind)[] Specific =
    [
        ("nonce too low", RpcErrorKind.NonceTooLow),
        ("nonce is too low", RpcErrorKind.NonceTooLow),
        ("nonce below", RpcErrorKind.NonceTooLow),
        ("oldnonce", RpcErrorKind.NonceTooLow),
        ("nonce too high", RpcErrorKind.NonceTooHigh),
        ("nonce is too high", RpcErrorKind.NonceTooHigh),
        ("nonce is too distant", RpcErrorKind.NonceTooHigh),
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
    ];

    // Of limits alone, in any text.
    private static readonly string[] Rates =
    [
        "rate limit", "rate-limit", "ratelimit", "request rate exceeded", "too many request", "request count exceeded",
        "exceeded its compute units", "error 1015", "error code: 1015",
    ];

    private static readonly string[] Sizes =
    [
        "block range", "query returned more than", "response size", "too many results", "range is too", "range too large",
        "eth_getlogs is limited", "exceed maximum block",
    ];

    private static readonly string[] MoreRates =
    [
        "request limit", "requests limit", "requests per second", "rps limit", "credits limited", "quota exceeded",
        "exceeded the quota", "capacity exceeded", "capacity limit exceeded", "limit exhausted", "usage limit", "plan limit",
        "throughput", "throttl",
    ];

    // Of queries of logs alone, where the words are about blocks, and where they are about any limit.
    private static readonly string[] LogRanges = ["range", "too wide", "bigger than", "query timeout", "too many blocks", "max results"];
    private static readonly string[] LogLimits = ["limit exceeded", "exceeds limit", "exceeds the limit", "exceeded limit"];

    // Of transactions that are sent alone. Words about another transaction of the same nonce come before words about the same one.
    private static readonly (string Words, RpcErrorKind Kind)[] Sends =
    [
        ("could not replace existing", RpcErrorKind.Underpriced),
        ("replacementnotallowed", RpcErrorKind.Underpriced),
        ("same nonce", RpcErrorKind.Underpriced),
        ("gas price too low", RpcErrorKind.Underpriced),
        ("gas price is too low", RpcErrorKind.Underpriced),
        ("gas price below", RpcErrorKind.Underpriced),
        ("same hash", RpcErrorKind.AlreadyKnown),
        ("already exists", RpcErrorKind.AlreadyKnown),
        ("already in mempool", RpcErrorKind.AlreadyKnown),
        ("already in the mempool", RpcErrorKind.AlreadyKnown),
        ("upfront cost exceeds account balance", RpcErrorKind.InsufficientFunds),
        ("insufficient balance", RpcErrorKind.InsufficientFunds),
    ];

    /// <summary>The kind of an error by its message; Other when no words are known.</summary>
    public static RpcErrorKind Find(string method, string message)
    {
        var isOfLogs = method == "eth_getLogs";
        if (Find(Specific, message) is { } specific) return specific;
        if (HasAny(Rates, message)) return RpcErrorKind.RateLimited;
        if (HasAny(Sizes, message) || (isOfLogs && HasAny(LogRanges, message))) return RpcErrorKind.RangeTooLarge;
        if (HasAny(MoreRates, message)) return RpcErrorKind.RateLimited;
        if (isOfLogs && HasAny(LogLimits, message)) return RpcErrorKind.RangeTooLarge;
        return method is "eth_sendRawTransaction" or "eth_sendTransaction" or "eth_estimateGas"
            ? Find(Sends, message) ?? InvalidNonce.Find(message) ?? RpcErrorKind.Other
            : RpcErrorKind.Other;
    }

    /// <summary>Whether a text that is not a JSON-RPC response, such as the page of an edge, is about a limit of rate.</summary>
    public static bool IsLimit(string text) => HasAny(Rates, text);

    private static RpcErrorKind? Find((string Words, RpcErrorKind Kind)[] known, string message)
    {
        foreach (var (words, kind) in known)
            if (message.Contains(words, StringComparison.OrdinalIgnoreCase)) return kind;
        return null;
    }

    private static bool HasAny(string[] words, string message) =>
        Array.Exists(words, some => message.Contains(some, StringComparison.OrdinalIgnoreCase));
}
