using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>
/// Everything that a watcher knows about one chain. Made of the chain's events alone, by the chain's clock: the same
/// events make the same figures.
/// </summary>
/// <remarks>Not thread-safe: the watch that owns it shows copies.</remarks>
public sealed class ChainFigures
{
    private const int MaxHistory = 500;

    /// <summary>Events by their type.</summary>
    public SortedDictionary<string, long> Events { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Events that could not be read, or had no time where one was needed.</summary>
    public long Faults { get; set; }

    /// <summary>Charges of any payer.</summary>
    public long Charges { get; set; }

    /// <summary>When the last report was submitted, unix seconds; null before the first.</summary>
    public ulong? LastSubmission { get; set; }

    /// <summary>What is reported, by originator.</summary>
    public SortedDictionary<uint, OriginatorFigures> Originators { get; init; } = [];

    /// <summary>The money of our own payer.</summary>
    public PayerFigures Payer { get; init; } = new();

    /// <summary>What payers were charged, by day.</summary>
    public SpendByDay Spend { get; init; } = new();

    /// <summary>The latest events, oldest first; at most 500. Messages and identity updates are counted only.</summary>
    public List<ChainEvent> History { get; init; } = [];

    /// <summary>The figures of an originator.</summary>
    public OriginatorFigures Originator(uint node)
    {
        if (!Originators.TryGetValue(node, out var figures)) Originators[node] = figures = new OriginatorFigures();
        return figures;
    }

    /// <summary>Counts an event.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="isHistory">Whether it is worth remembering one by one.</param>
    public void Count(ChainEvent happened, bool isHistory)
    {
        Events[happened.Type] = Events.GetValueOrDefault(happened.Type) + happened.Count;
        if (!isHistory) return;
        History.Add(happened);
        if (History.Count > MaxHistory) History.RemoveRange(0, History.Count - MaxHistory);
    }

    /// <summary>Whether a payer is the one that is followed: the own one, or nobody.</summary>
    public static bool IsOwn(string? payer, EthereumAddress? own) => own is { } address && payer == address.ToString();
}
