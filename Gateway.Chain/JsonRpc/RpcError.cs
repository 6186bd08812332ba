namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Why a call gave no value. Holds no URL and no parameters, so it can be logged.</summary>
/// <param name="Method">The method that was called, or the contract's function.</param>
/// <param name="Kind">What it means.</param>
/// <param name="Code">The JSON-RPC code, or the HTTP status of an answer without one; 0 when there was no answer.</param>
/// <param name="Message">The endpoint's words, shortened.</param>
public sealed record RpcError(string Method, RpcErrorKind Kind, int Code, string Message)
{
    /// <summary>What a contract answered with its refusal: a selector and its arguments. Empty when there is none.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>How long the endpoint wants to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether no byte of the request left this process: the endpoint surely did not carry it out.</summary>
    public bool IsUnsent { get; init; }

    /// <summary>Such as <c>eth_call: Reverted (3) execution reverted</c>.</summary>
    public override string ToString() => $"{Method}: {Kind} ({Code}) {Message}";

    /// <summary>No answer came, for a reason that the message gives.</summary>
    public static RpcError Transport(string method, string message, int code = 0) => new(method, RpcErrorKind.Transport, code, message);

    /// <summary>The answer is not what the method answers.</summary>
    public static RpcError Malformed(string method, string message) => new(method, RpcErrorKind.Malformed, 0, message);
}
