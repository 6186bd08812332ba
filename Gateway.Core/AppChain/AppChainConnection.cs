using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.AppChain;

/// <summary>The connections to the App Chain's endpoints; disposing this closes them.</summary>
/// <param name="rpc">For calls.</param>
/// <param name="socket">For new heads and events; null when not configured.</param>
internal sealed class AppChainConnection(HttpRpcTransport rpc, WebSocketRpcTransport? socket) : IAsyncDisposable
{
    internal IRpcTransport Rpc => rpc;

    internal WebSocketRpcTransport? Socket => socket;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (socket is not null) await socket.DisposeAsync().ConfigureAwait(false);
        rpc.Dispose();
    }
}
