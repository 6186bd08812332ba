using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Costs.Spending;

/// <summary>The spend of one day by identity; its owner locks.</summary>
internal sealed class SpendDay(DateOnly day)
{
    private static readonly ClientIdentity Others = new("others", "");

    private readonly Dictionary<ClientIdentity, Spend> _identities = [];

    internal DateOnly Day => day;

    internal Spend Total { get; } = new();

    internal void Add(ClientIdentity identity, SpendFigures spend)
    {
        Total.Add(spend);
        if (!_identities.TryGetValue(identity, out var one))
        {
            if (_identities.Count >= 2 * SpendLedger.KeptIdentities) KeepTopSpenders();
            _identities[identity] = one = new Spend();
        }

        one.Add(spend);
    }

    /// <summary>
    /// Keeps the identities that spent the most; the others are merged into one entry, which counts as one kept.
    /// </summary>
    internal void KeepTopSpenders()
    {
        if (_identities.Count <= SpendLedger.KeptIdentities) return;
        var others = new Spend();
        if (_identities.Remove(Others, out var before)) others.Add(before.Figures);
        foreach (var (identity, spend) in _identities.OrderByDescending(pair => pair.Value.Figures.Total)
            .Skip(SpendLedger.KeptIdentities - 1)
            .ToList())
        {
            others.Add(spend.Figures);
            _identities.Remove(identity);
        }

        _identities[Others] = others;
        _identities.TrimExcess();
    }

    internal IReadOnlyList<(ClientIdentity Identity, SpendFigures Spend)> Highest(int count) =>
        [.. _identities.Select(pair => (pair.Key, pair.Value.Figures)).OrderByDescending(pair => pair.Figures.Total).Take(count)];
}
