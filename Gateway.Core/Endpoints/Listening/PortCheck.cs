using System.Net;
using System.Net.Sockets;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>
/// Checks that the ports can be bound, so that a port that is taken is a fault like any other, and not a stack trace.
/// </summary>
internal sealed class PortCheck(
    UncheckedOptions<ApiOptions> api, UncheckedOptions<MetricsOptions> metrics, SettingTable table) : IStartCheck
{
    /// <inheritdoc/>
    public bool IsBeforeStart => true;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        List<(string Flag, string Address, int Port)> ports =
            [("--api.port", api.Value.BindAddress, api.Value.Port), ("--api.http-port", api.Value.BindAddress, api.Value.HttpPort)];
        if (metrics.Value.Enable) ports.Add(("--metrics.metrics-port", metrics.Value.Address, metrics.Value.Port));
        return Task.FromResult<IReadOnlyList<string>>([.. ports.Select(port => FaultOf(port)).OfType<string>()]);
    }

    private string? FaultOf((string Flag, string Address, int Port) port)
    {
        // Invalid values are reported as faults of the options.
        if (port.Port <= 0 || !IPAddress.TryParse(port.Address, out var address)) return null;
        if (address.Equals(IPAddress.IPv6Any) && !Socket.OSSupportsIPv6) address = IPAddress.Any;
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port.Port));
            return null;
        }
        catch (SocketException fault)
            when (fault.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable
                && address.Equals(IPAddress.IPv6Any))
        {
            return FaultOf((port.Flag, IPAddress.Any.ToString(), port.Port));
        }
        catch (SocketException fault)
        {
            var reason = fault.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "is taken by another process",
                SocketError.AccessDenied => "needs rights that this process does not have",
                SocketError.AddressNotAvailable => "is not an address of this machine",
                _ => "cannot be bound: " + fault.Message,
            };
            return $"{table.Find(port.Flag)!.Name}: {new IPEndPoint(address, port.Port)} {reason}";
        }
    }
}
