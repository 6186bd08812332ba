using System.Net;
using System.Net.Sockets;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>Whether a port can be bound.</summary>
internal static class PortFault
{
    /// <summary>The fault of a port by its flag; null when it can be bound, and when address or port are invalid.</summary>
    /// <param name="setting">The setting of the port.</param>
    /// <param name="listenOn">The address to listen on.</param>
    /// <param name="port">The port; 0 takes a free one.</param>
    public static string? Of(Setting setting, string listenOn, int port)
    {
        // Invalid values are reported as faults of the options.
        if (port <= 0 || !IPAddress.TryParse(listenOn, out var address)) return null;
        if (address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6) address = IPAddress.Any;
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException exception)
            when (exception.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable
                && address.Equals(IPAddress.IPv6Any))
        {
            return Of(setting, IPAddress.Any.ToString(), port);
        }
        catch (SocketException exception)
        {
            var reason = exception.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "is taken by another process",
                SocketError.AccessDenied => "needs rights that this process does not have",
                SocketError.AddressNotAvailable => "is not an address of this machine",
                _ => "cannot be bound: " + exception.Message,
            };
            return $"{setting.Name}: {new IPEndPoint(address, port)} {reason}";
        }
    }
}
