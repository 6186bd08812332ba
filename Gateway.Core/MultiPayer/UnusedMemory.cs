namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Gives memory back to the system that reading a large payers file took, or starting many payers: many times of what is kept of it.
/// </summary>
/// <remarks>
/// A collection of all generations stops the process for some hundredths of a second, so it is rare: once for a file that comes into force,
/// never for one that is refused, and after 25 starts or more, once none has come for two seconds.
/// </remarks>
internal sealed class UnusedMemory : IDisposable
{
    private const int MinEntries = 1000;
    private const int MinStarts = 25;

    private static readonly TimeSpan AfterStarts = TimeSpan.FromSeconds(2);

    private readonly ITimer _afterStarts;
    private int _starts;

    /// <summary>Waits for what it is told.</summary>
    public UnusedMemory(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _afterStarts = time.CreateTimer(_ => StartsAreOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A file was read, and is in force.</summary>
    internal static void AfterReading(PayersReading reading)
    {
        if (reading.Document.Entries.Count >= MinEntries) GiveBack();
    }

    /// <summary>A payer has started.</summary>
    internal void AfterStart()
    {
        if (Interlocked.Increment(ref _starts) >= MinStarts) _afterStarts.Change(AfterStarts, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _afterStarts.Dispose();

    private void StartsAreOver()
    {
        Interlocked.Exchange(ref _starts, 0);
        GiveBack();
    }

    private static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
