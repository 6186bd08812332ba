using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.AppChain;

/// <summary>The App Chain's endpoints; closed with it.</summary>
/// <param name="rpc">For calls.</param>
/// <param name="socket">For new heads and events; null where there is none.</param>
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
