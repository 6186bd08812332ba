using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>
/// Bounds the connections of both ports: a max in total, and a quarter of it for one address (IPv6 by /64) that is
/// not a trusted proxy.
/// </summary>
internal sealed class OpenConnections
{
    private readonly Lock _guard = new();
    private readonly Dictionary<string, int> _byAddress = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<IPNetwork> _trusted;
    private readonly Counter<long> _refusals;
    private readonly int _max;
    private int _open;

    public OpenConnections(UncheckedOptions<ApiOptions> api, UncheckedOptions<ClientAddressOptions> addresses, IMeterFactory meters)
    {
        _max = Math.Max(1, api.Value.Connections);
        _trusted = addresses.Value.TrustedProxies;
        var meter = meters.Create("Xmtp.Gateway.Endpoints");
        meter.CreateObservableGauge(
            "xmtp_gateway_open_connections", () => Volatile.Read(ref _open), description: "Connections of clients that are open");
        _refusals = meter.CreateCounter<long>(
            "xmtp_gateway_connection_refusals_total",
            description: "Connections closed at once because too many are open, in all (process) or of one address (caller)");
    }

    private int OfOneAddress => Math.Max(1, _max / 4);

    /// <summary>Counts a connection until it is closed; false when there is no room for it.</summary>
    internal bool TryAdd(ConnectionContext connection)
    {
        var address = connection.RemoteEndPoint is IPEndPoint peer && !IsTrusted(peer.Address) ? ClientAddress.Name(peer.Address) : null;
        lock (_guard)
        {
            var ofAddress = address is null ? 0 : _byAddress.GetValueOrDefault(address);
            if (_open >= _max || ofAddress >= OfOneAddress)
            {
                _refusals.Add(1, new KeyValuePair<string, object?>("of", _open >= _max ? "process" : "caller"));
                return false;
            }

            _open++;
            if (address is not null) _byAddress[address] = ofAddress + 1;
        }

        connection.ConnectionClosed.Register(() => Remove(address));
        return true;
    }

    private bool IsTrusted(IPAddress address) => _trusted.Any(network => network.Contains(ClientAddress.Fold(address)));

    private void Remove(string? address)
    {
        lock (_guard)
        {
            _open--;
            if (address is null) return;
            if (_byAddress[address] == 1) _byAddress.Remove(address);
            else _byAddress[address]--;
        }
    }
}
