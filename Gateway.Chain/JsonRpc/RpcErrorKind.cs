namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>What a JSON-RPC error means to the caller.</summary>
public enum RpcErrorKind
{
    /// <summary>Any error that is not one of those below.</summary>
    Other,

    /// <summary>A transaction with this nonce is mined already.</summary>
    NonceTooLow,

    /// <summary>The nonce leaves a gap that the endpoint does not queue.</summary>
    NonceTooHigh,

    /// <summary>The fee is below the mempool's min, or not enough above that of the transaction it would replace.</summary>
    Underpriced,

    /// <summary>The same transaction is in the mempool already.</summary>
    AlreadyKnown,

    /// <summary>The sender's balance does not cover gas and value.</summary>
    InsufficientFunds,

    /// <summary>The contract reverted; <see cref="RpcError.Data"/> holds its revert data.</summary>
    Reverted,

    /// <summary>The response would be too large: request fewer blocks.</summary>
    RangeTooLarge,

    /// <summary>Too many requests: retry later, after <see cref="RpcError.RetryAfter"/> if the endpoint gives it.</summary>
    RateLimited,

    /// <summary>The endpoint does not know the method.</summary>
    MethodNotFound,

    /// <summary>No response, or none over this connection: the endpoint may or may not have executed the request.</summary>
    Transport,

    /// <summary>The response is not a valid result of the method.</summary>
    Malformed,
}
