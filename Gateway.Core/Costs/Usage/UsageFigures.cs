namespace Xmtp.Gateway.Costs.Usage;

/// <summary>What one identity, or all together, used on one day (UTC). Its owner locks.</summary>
internal sealed class UsageFigures
{
    private Dictionary<string, long>? _refusals;

    /// <summary>Published messages.</summary>
    internal long Messages { get; private set; }

    /// <summary>Node fees.</summary>
    internal Picodollars Fees { get; private set; }

    /// <summary>Gas by estimate, at the configured price of its coin.</summary>
    internal Picodollars Gas { get; private set; }

    /// <summary>Calls that were refused or failed, by reason.</summary>
    internal IReadOnlyDictionary<string, long> Refusals => _refusals ?? [];

    /// <summary>Fees and gas.</summary>
    internal Picodollars Spent => Fees + Gas;

    /// <summary>The sum of <see cref="Refusals"/>.</summary>
    internal long Refused => _refusals?.Values.Sum() ?? 0;

    internal void Add(long messages, Picodollars fees, Picodollars gas)
    {
        Messages += messages;
        Fees += fees;
        Gas += gas;
    }

    internal void Refuse(string reason, long times = 1)
    {
        _refusals ??= new(StringComparer.Ordinal);
        _refusals[reason] = _refusals.GetValueOrDefault(reason) + times;
    }

    internal void Add(UsageFigures more)
    {
        Add(more.Messages, more.Fees, more.Gas);
        foreach (var (reason, times) in more.Refusals) Refuse(reason, times);
    }

    internal UsageFigures Copy()
    {
        var copy = new UsageFigures();
        copy.Add(this);
        return copy;
    }
}
