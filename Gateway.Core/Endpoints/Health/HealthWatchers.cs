using System.Net;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Endpoints.Health;

/// <summary>Bounds the open health watches: 256 in total, and 64 per address (IPv6 by /64).</summary>
internal sealed class HealthWatchers
{
    /// <summary>The max number of watches.</summary>
    internal const int MaxWatchers = 256;

    /// <summary>The max number of watches of one address.</summary>
    internal const int MaxPerAddress = MaxWatchers / 4;

    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
    private int _all;

    /// <summary>Counts a watch until it is disposed; null when there is no room for it.</summary>
    public IDisposable? TryAdd(IPAddress? address)
    {
        var name = address is null ? "" : ClientAddress.Name(address);
        lock (_open)
        {
            var ofAddress = _open.GetValueOrDefault(name);
            if (_all >= MaxWatchers || ofAddress >= MaxPerAddress) return null;
            _all++;
            _open[name] = ofAddress + 1;
        }

        return new Place(this, name);
    }

    private void Remove(string name)
    {
        lock (_open)
        {
            _all--;
            if (_open[name] == 1) _open.Remove(name);
            else _open[name]--;
        }
    }

    private sealed class Place(HealthWatchers watchers, string name) : IDisposable
    {
        public void Dispose() => watchers.Remove(name);
    }
}
