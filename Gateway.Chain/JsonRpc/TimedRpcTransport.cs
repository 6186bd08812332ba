using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Limits the time of each call to the chain. A timeout is an error of kind <see cref="RpcErrorKind.Transport"/>.
/// </summary>
/// <param name="inner">Sends the call.</param>
/// <param name="timeout">How long a call may take. More than zero.</param>
/// <param name="time">The clock of the timeout.</param>
/// <remarks>A write that times out may still have been executed, as after any error of kind Transport.</remarks>
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
            (inner as HttpRpcTransport)?.CountTimeout();
            return RpcError.Transport(method, $"{Endpoint} did not answer within {timeout.TotalSeconds:0.#} s");
        }
    }
}
