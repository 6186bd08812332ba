namespace Xmtp.Gateway.MultiPayer;

/// <summary>Gives the memory back that reading a large payers file took, which is many times of what is kept of it.</summary>
internal static class ReadingMemory
{
    private const int FewestEntries = 1000;

    /// <summary>Collects what is not needed any more, for some tenths of a second, if the file has many entries.</summary>
    internal static void Release(PayersReading reading)
    {
        if (reading.Document.Entries.Count >= FewestEntries)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
