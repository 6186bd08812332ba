using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>
/// All figures of one chain. Computed only from the chain's events, by the chain's clock: the same events give the same
/// figures.
/// </summary>
/// <remarks>Not thread-safe: the ledger that owns it gives access under its lock.</remarks>
public sealed class ChainFigures
{
    private const int MaxHistory = 500;

    /// <summary>The number of events by type.</summary>
    public SortedDictionary<string, long> Events { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Events that were unreadable, or lacked a required time.</summary>
    public long Faults { get; set; }

    /// <summary>The number of charges of all payers.</summary>
    public long Charges { get; set; }

    /// <summary>When the last report was submitted, in Unix seconds; null before the first.</summary>
    public ulong? LastSubmission { get; set; }

    /// <summary>The figures of payer reports, by originator.</summary>
    public SortedDictionary<uint, OriginatorFigures> Originators { get; init; } = [];

    /// <summary>The money of the own payer.</summary>
    public PayerFigures Payer { get; init; } = new();

    /// <summary>The charges of payers, by day.</summary>
    public SpendByDay Spend { get; init; } = new();

    /// <summary>The latest events, oldest first; at most 500. Messages and identity updates are only counted.</summary>
    public List<ChainEvent> History { get; init; } = [];

    /// <summary>The figures of an originator.</summary>
    public OriginatorFigures Originator(uint node)
    {
        if (!Originators.TryGetValue(node, out var figures)) Originators[node] = figures = new OriginatorFigures();
        return figures;
    }

    /// <summary>Counts an event.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="isHistory">Whether it is added to the history.</param>
    public void Count(ChainEvent happened, bool isHistory)
    {
        Events[happened.Type] = Events.GetValueOrDefault(happened.Type) + happened.Count;
        if (!isHistory) return;
        History.Add(happened);
        if (History.Count > MaxHistory) History.RemoveRange(0, History.Count - MaxHistory);
    }

    /// <summary>Whether a payer is the own payer; false when no payer is configured.</summary>
    public static bool IsOwn(string? payer, EthereumAddress? own) => own is { } address && payer == address.ToString();
}
