using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Bounds each call to the chain. An answer that does not come in time is an error like one of the connection.</summary>
/// <param name="inner">Carries the call.</param>
/// <param name="timeout">How long a call may take. More than zero.</param>
/// <param name="time">Measures that.</param>
/// <remarks>A write that is cut off may still have been carried out, as after any error of kind Transport.</remarks>
public sealed class TimedRpcTransport(IRpcTransport inner, TimeSpan timeout, TimeProvider time) : IRpcTransport
{
    /// <inheritdoc/>
    public string Endpoint => inner.Endpoint;

    /// <inheritdoc/>
    public async Task<RpcResult<JsonElement>> SendAsync(
        string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        using var timeoutSource = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeoutSource.Token);
        try
        {
            return await inner.SendAsync(method, parameters, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RpcError.Transport(method, $"{Endpoint} did not answer within {timeout.TotalSeconds:0.#} s");
        }
    }
}
