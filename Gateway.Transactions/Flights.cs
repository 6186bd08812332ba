using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions;

/// <summary>What this process has in flight.</summary>
internal sealed class Flights(TimeProvider time)
{
    private readonly ConcurrentDictionary<Flight, byte> all = new();

    internal bool IsEmpty => all.IsEmpty;

    internal IEnumerable<Flight> All => all.Keys;

    internal int Count => all.Count;

    internal int InDoubt => all.Keys.Count(flight => !flight.IsKnown);

    internal TimeSpan OldestAge => all.Keys.Select(flight => time.GetElapsedTime(flight.StartedAt)).DefaultIfEmpty().Max();

    /// <summary>An event of the contracts was heard of: ends the flight that it is of, if that is one of ours.</summary>
    internal void Land(LogEntry log)
    {
        if (log.Removed) return;
        foreach (var flight in all.Keys)
            if (flight.TryLand(log)) return;
    }

    internal void Add(Flight flight) => all[flight] = 0;

    internal void Remove(Flight flight) => all.TryRemove(flight, out _);
}
