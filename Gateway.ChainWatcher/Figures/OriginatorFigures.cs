namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>The payer reports of one originator.</summary>
public sealed class OriginatorFigures
{
    /// <summary>The bounds of <see cref="SettlementSeconds"/>, seconds.</summary>
    public static readonly IReadOnlyList<ulong> Bounds = [60, 120, 300, 600, 900, 1800, 3600, 5400, 7200];

    private const int MaxOpen = 256;

    /// <summary>Reports submitted.</summary>
    public long Submitted { get; set; }

    /// <summary>Reports settled to the last payer.</summary>
    public long Settled { get; set; }

    /// <summary>Envelopes that reports cover.</summary>
    public UInt128 Envelopes { get; set; }

    /// <summary>How many sequence ids lie between the last report and the one before; 0 when they join.</summary>
    public ulong Gap { get; set; }

    /// <summary>The last sequence id of the last report; null before the first.</summary>
    public ulong? LastSequenceId { get; set; }

    /// <summary>Nodes that attested the last report.</summary>
    public uint Attesting { get; set; }

    /// <summary>What its reports charged, microdollars.</summary>
    public Int128 FeesSettled { get; set; }

    /// <summary>
    /// Reports that wait for settlement: their number, and when they were submitted (unix seconds; null when unknown).
    /// At most 256, the oldest go first.
    /// </summary>
    public SortedDictionary<string, ulong?> Open { get; init; } = new(StringComparer.Ordinal);

    /// <summary>
    /// How many reports took up to each of <see cref="Bounds"/> from submission to settlement; the last counts those
    /// that took longer.
    /// </summary>
    public long[] SettlementSeconds { get; init; } = new long[Bounds.Count + 1];

    /// <summary>How long they took together, seconds.</summary>
    public ulong SettlementSecondsSum { get; set; }

    /// <summary>A report waits for settlement.</summary>
    public void Await(string report, ulong? since)
    {
        Open[report] = since;
        if (Open.Count > MaxOpen) Open.Remove(Open.OrderBy(entry => entry.Value ?? 0).First().Key);
    }

    /// <summary>A report is settled.</summary>
    /// <returns>False when nobody knows how long that took.</returns>
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
