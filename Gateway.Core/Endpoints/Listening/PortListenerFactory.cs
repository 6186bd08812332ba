using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>
/// Opens <see cref="GatewayEndPoint"/>s for Kestrel, of which two share one socket. Kestrel itself opens all other
/// endpoints.
/// </summary>
/// <remarks>
/// Without <see cref="OpenConnections"/>, as on the nodes of a network on one machine, connections are not bounded.
/// Kestrel fixes the HTTP version of a plaintext endpoint when it binds it. Therefore each port is two endpoints to
/// Kestrel and one to clients.
/// </remarks>
internal sealed class PortListenerFactory(
    IOptions<SocketTransportOptions> sockets, TimeProvider time, ILoggerFactory loggers, OpenConnections? connections = null)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ConcurrentDictionary<GatewayPort, Lazy<Task<PortMultiplexer>>> _open = new();
    private readonly SocketTransportFactory _transport = new(sockets, loggers);

    public bool CanBind(EndPoint endpoint) => endpoint is GatewayEndPoint;

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var side = (GatewayEndPoint)endpoint;
        var multiplexer = await _open.GetOrAdd(
            side.Port, port => new Lazy<Task<PortMultiplexer>>(() => OpenAsync(port))).Value.ConfigureAwait(false);
        return new SideListener(side, multiplexer);
    }

    private async Task<PortMultiplexer> OpenAsync(GatewayPort port)
    {
        var socket = await BindAsync(port.EndPoint).ConfigureAwait(false);
        port.Bound(socket.EndPoint);
        return new PortMultiplexer(socket, connections, time, loggers.CreateLogger(typeof(PortListenerFactory).FullName!));
    }

    private async Task<IConnectionListener> BindAsync(IPEndPoint endPoint)
    {
        // The socket of all IPv6 addresses takes IPv4 too. Where there is no IPv6, all addresses are those of IPv4.
        if (!endPoint.Address.Equals(IPAddress.IPv6Any)) return await _transport.BindAsync(endPoint).ConfigureAwait(false);
        try
        {
            if (Socket.OSSupportsIPv6) return await _transport.BindAsync(endPoint).ConfigureAwait(false);
        }
        catch (SocketException exception)
            when (exception.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            // IPv6 is compiled in, and turned off.
        }

        return await _transport.BindAsync(new IPEndPoint(IPAddress.Any, endPoint.Port)).ConfigureAwait(false);
    }

    private sealed class SideListener(GatewayEndPoint endpoint, PortMultiplexer multiplexer) : IConnectionListener
    {
        private readonly ChannelReader<ConnectionContext> _sorted = multiplexer.Side(endpoint.IsHttp2);

        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await _sorted.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                if (_sorted.TryRead(out var connection))
                    return connection;
            return null;
        }

        // Kestrel's token means to hurry, and is already cancelled at disposal; this waits for no peer, so it can be ignored.
        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => new(multiplexer.UnbindAsync());

        public ValueTask DisposeAsync() => multiplexer.DisposeAsync();
    }
}
