using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Sends JSON-RPC requests and returns their responses. Thread-safe; any number of requests at once.</summary>
public interface IRpcTransport
{
    /// <summary>The endpoint's address without secrets, for display: see <see cref="RedactedUrl"/>.</summary>
    string Endpoint { get; }

    /// <summary>Sends a request once and waits for its response. The transport never retries.</summary>
    /// <param name="method">Such as <c>eth_call</c>.</param>
    /// <param name="parameters">
    /// null, string, bool, whole numbers and <see cref="Wei"/> (as quantities), bytes, <see cref="Bytes32"/>, addresses,
    /// <see cref="IRpcParameter"/>, and lists of these.
    /// </param>
    /// <param name="cancellationToken">Cancels the wait with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The value of <c>result</c>, which may be JSON null, or the error.</returns>
    Task<RpcResult<JsonElement>> SendAsync(string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken);
}

/// <summary>A parameter that writes its own JSON value, such as a log filter.</summary>
public interface IRpcParameter
{
    /// <summary>Writes one JSON value.</summary>
    void WriteTo(Utf8JsonWriter writer);
}
