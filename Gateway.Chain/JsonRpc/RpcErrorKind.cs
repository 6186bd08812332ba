namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>What a JSON-RPC error means to whoever has to act on it.</summary>
public enum RpcErrorKind
{
    /// <summary>Anything that is not told apart below.</summary>
    Other,

    /// <summary>The chain has mined that nonce already.</summary>
    NonceTooLow,

    /// <summary>The nonce leaves a gap that the endpoint does not queue.</summary>
    NonceTooHigh,

    /// <summary>The fee is below what the mempool takes, or not enough above the transaction that it would replace.</summary>
    Underpriced,

    /// <summary>This very transaction is in the mempool already.</summary>
    AlreadyKnown,

    /// <summary>The sender cannot pay gas and value.</summary>
    InsufficientFunds,

    /// <summary>The contract refused; <see cref="RpcError.Data"/> holds its words.</summary>
    Reverted,

    /// <summary>The answer would be too large: ask for fewer blocks.</summary>
    RangeTooLarge,

    /// <summary>Too many requests: ask later, after <see cref="RpcError.RetryAfter"/> where it says when.</summary>
    RateLimited,

    /// <summary>The endpoint does not know the method.</summary>
    MethodNotFound,

    /// <summary>No answer, or none over this connection: whether the request was carried out is not known.</summary>
    Transport,

    /// <summary>An answer that is not what the method answers.</summary>
    Malformed,
}
