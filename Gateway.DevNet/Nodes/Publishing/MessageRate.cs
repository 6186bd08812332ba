namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>How many envelopes a node inserted in each minute of its own clock. Thread-safe.</summary>
internal sealed class MessageRate
{
    private const long NanosecondsPerMinute = 60_000_000_000;
    private const int MinutesKept = 60;
    private readonly Lock gate = new();
    private readonly Dictionary<long, uint> counts = [];

    /// <summary>The minute of a time in nanoseconds since 1970.</summary>
    public static long Minute(long nanoseconds) => nanoseconds / NanosecondsPerMinute;

    /// <summary>Counts envelopes that were inserted.</summary>
    public void Add(IEnumerable<StoredEnvelope> envelopes)
    {
        lock (gate)
        {
            foreach (var envelope in envelopes)
            {
                var minute = Minute(envelope.Nanoseconds);
                counts[minute] = counts.GetValueOrDefault(minute) + 1;
                counts.Remove(minute - MinutesKept);
            }
        }
    }

    /// <summary>How many were inserted in a minute.</summary>
    public uint In(long minute)
    {
        lock (gate) return counts.GetValueOrDefault(minute);
    }
}
