namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Gives memory back to the system that reading a large payers file took, or starting many payers: many times of what is kept of it.
/// </summary>
/// <remarks>A collection of all generations stops the process for some hundredths of a second, so it is rare.</remarks>
internal sealed class UnusedMemory : IDisposable
{
    private const int FewestEntries = 1000;
    private const int FewestStarts = 25;

    private static readonly TimeSpan AfterStarts = TimeSpan.FromSeconds(2);

    private readonly ITimer _afterStarts;
    private int _starts;

    /// <summary>Waits for what it is told.</summary>
    public UnusedMemory(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _afterStarts = time.CreateTimer(_ => GiveBack(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A file was read, and is in force or refused.</summary>
    internal static void AfterReading(PayersReading reading)
    {
        if (reading.Document.Entries.Count >= FewestEntries) GiveBack();
    }

    /// <summary>A payer has started. After some tens of starts memory is given back, once they are over for a moment.</summary>
    internal void AfterStart()
    {
        if (Interlocked.Increment(ref _starts) % FewestStarts == 0) _afterStarts.Change(AfterStarts, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _afterStarts.Dispose();

    private static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
