namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>The payer reports of one originator.</summary>
public sealed class OriginatorFigures
{
    /// <summary>The bucket bounds of <see cref="SettlementSeconds"/>, in seconds.</summary>
    public static readonly IReadOnlyList<ulong> Bounds = [60, 120, 300, 600, 900, 1800, 3600, 5400, 7200];

    private const int MaxOpen = 256;

    /// <summary>The number of reports submitted.</summary>
    public long Submitted { get; set; }

    /// <summary>The number of reports settled completely.</summary>
    public long Settled { get; set; }

    /// <summary>The number of envelopes that reports cover.</summary>
    public UInt128 Envelopes { get; set; }

    /// <summary>How many sequence ids are missing between the last report and the one before; 0 when they adjoin.</summary>
    public ulong Gap { get; set; }

    /// <summary>The last sequence id of the last report; null before the first.</summary>
    public ulong? LastSequenceId { get; set; }

    /// <summary>When its last report was submitted, by the block's time in Unix seconds; null before the first, and when unknown.</summary>
    public ulong? LastSubmission { get; set; }

    /// <summary>The number of nodes that attested the last report.</summary>
    public uint Attesting { get; set; }

    /// <summary>The sum of its reports' charges, in microdollars.</summary>
    public Int128 FeesSettled { get; set; }

    /// <summary>
    /// Reports that wait for settlement: their number, and when they were submitted (Unix seconds; null when unknown).
    /// At most 256; the oldest are dropped first.
    /// </summary>
    public SortedDictionary<string, ulong?> Open { get; init; } = new(StringComparer.Ordinal);

    /// <summary>
    /// How many reports took up to each of <see cref="Bounds"/> from submission to settlement; the last element counts
    /// those that took longer.
    /// </summary>
    public long[] SettlementSeconds { get; init; } = new long[Bounds.Count + 1];

    /// <summary>The sum of these durations, in seconds.</summary>
    public ulong SettlementSecondsSum { get; set; }

    /// <summary>Records that a report waits for settlement.</summary>
    public void Await(string report, ulong? since)
    {
        Open[report] = since;
        if (Open.Count > MaxOpen) Open.Remove(Open.OrderBy(entry => entry.Value ?? 0).First().Key);
    }

    /// <summary>Records that a report is settled.</summary>
    /// <returns>False when it is unknown how long the settlement took.</returns>
    public bool Settle(string report, ulong? at)
    {
        Settled++;
        if (!Open.Remove(report, out var since) || since is null || at is null || at < since) return false;
        var took = at.Value - since.Value;
        var slot = 0;
        while (slot < Bounds.Count && took > Bounds[slot]) slot++;
        SettlementSeconds[slot]++;
        SettlementSecondsSum += took;
        return true;
    }
}
