using System.Net;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Endpoints.Health;

/// <summary>Bounds the watches of health that are open: 256, and 64 of one address (IPv6 by /64).</summary>
internal sealed class HealthWatchers
{
    /// <summary>The most watches.</summary>
    internal const int MaxWatchers = 256;

    /// <summary>The most watches of one address.</summary>
    internal const int MaxPerAddress = MaxWatchers / 4;

    private readonly Dictionary<string, int> open = new(StringComparer.Ordinal);
    private int all;

    /// <summary>Counts a watch until it is disposed; null when there is no place for it.</summary>
    public IDisposable? TryAdd(IPAddress? address)
    {
        var name = address is null ? "" : ClientAddress.Name(address);
        lock (open)
        {
            var ofAddress = open.GetValueOrDefault(name);
            if (all >= MaxWatchers || ofAddress >= MaxPerAddress) return null;
            all++;
            open[name] = ofAddress + 1;
        }

        return new Place(this, name);
    }

    private void Remove(string name)
    {
        lock (open)
        {
            all--;
            if (open[name] == 1) open.Remove(name);
            else open[name]--;
        }
    }

    private sealed class Place(HealthWatchers watchers, string name) : IDisposable
    {
        public void Dispose() => watchers.Remove(name);
    }
}
