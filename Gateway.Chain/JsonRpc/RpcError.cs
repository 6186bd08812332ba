namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Why a call returned no value. Contains no URL and no parameters, so it can be logged.</summary>
/// <param name="Method">The method that was called, or the contract's function.</param>
/// <param name="Kind">The kind of error.</param>
/// <param name="Code">The JSON-RPC code, or the HTTP status of a response without one; 0 when there was no response.</param>
/// <param name="Message">The endpoint's message, shortened.</param>
public sealed record RpcError(string Method, RpcErrorKind Kind, int Code, string Message)
{
    /// <summary>The revert data of a contract: a selector and its arguments. Empty when there is none.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>How long to wait before the next request; null when the endpoint does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status of the response when it was an error; 0 when it was none, and over a WebSocket.</summary>
    public int HttpStatus { get; init; }

    /// <summary>Whether the endpoint does not serve the method to this caller, whatever the parameters.</summary>
    public bool IsMethodRefused => RpcErrorClassifier.IsMethodRefused(this);

    /// <summary>Whether no byte of the request left this process, so the endpoint cannot have executed it.</summary>
    public bool IsUnsent { get; init; }

    /// <summary>Such as <c>eth_call: Reverted (3) execution reverted</c>.</summary>
    public override string ToString() => $"{Method}: {Kind} ({Code}) {Message}";

    /// <summary>No response came; the message gives the reason.</summary>
    public static RpcError Transport(string method, string message, int code = 0) => new(method, RpcErrorKind.Transport, code, message);

    /// <summary>The response is not a valid result of the method.</summary>
    public static RpcError Malformed(string method, string message) => new(method, RpcErrorKind.Malformed, 0, message);
}
