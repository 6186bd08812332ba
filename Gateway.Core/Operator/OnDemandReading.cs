namespace Xmtp.Gateway.Operator;

/// <summary>Reads in the background while a page is looked at: one reading at a time, and not too soon after the last.</summary>
/// <remarks>Never waited for: pages show what was read last. Thread-safe.</remarks>
/// <param name="read">Reads once.</param>
/// <param name="every">The least time between the begin of two readings.</param>
/// <param name="time">Measures it.</param>
internal sealed class OnDemandReading(Func<Task> read, TimeSpan every, TimeProvider time)
{
    private readonly Lock _gate = new();
    private Task _reading = Task.CompletedTask;
    private long? _began;

    /// <summary>The reading that is under way, or the last one.</summary>
    internal Task Latest
    {
        get
        {
            lock (_gate) return _reading;
        }
    }

    /// <summary>Starts a reading when the last one is old.</summary>
    internal void Begin()
    {
        lock (_gate)
        {
            if (!_reading.IsCompleted || (_began is { } began && time.GetElapsedTime(began) < every)) return;
            _began = time.GetTimestamp();
            _reading = Task.Run(read);
        }
    }
}
