namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>Counts the envelopes that a node inserted per minute of its own clock. Thread-safe.</summary>
internal sealed class MessageRate
{
    private const long NanosecondsPerMinute = 60_000_000_000;
    private const int MinutesKept = 60;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, uint> _counts = [];

    /// <summary>The minute of a time in nanoseconds since 1970.</summary>
    public static long Minute(long nanoseconds) => nanoseconds / NanosecondsPerMinute;

    /// <summary>Counts inserted envelopes.</summary>
    public void Add(IEnumerable<StoredEnvelope> envelopes)
    {
        lock (_gate)
        {
            foreach (var envelope in envelopes)
            {
                var minute = Minute(envelope.Nanoseconds);
                _counts[minute] = _counts.GetValueOrDefault(minute) + 1;
                _counts.Remove(minute - MinutesKept);
            }
        }
    }

    /// <summary>The number of envelopes inserted in a minute.</summary>
    public uint In(long minute)
    {
        lock (_gate) return _counts.GetValueOrDefault(minute);
    }
}
