using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Costs.Spending;

/// <summary>One day's spending by identity; its owner locks.</summary>
internal sealed class SpendDay(DateOnly day)
{
    private static readonly ClientIdentity Others = new("others", "");

    private readonly Dictionary<ClientIdentity, Spend> identities = [];

    internal DateOnly Day => day;

    internal Spend Total { get; } = new();

    internal void Add(ClientIdentity identity, SpendFigures spend)
    {
        Total.Add(spend);
        if (!identities.TryGetValue(identity, out var one))
        {
            // The line of the others is one of those that are kept.
            var whose = identities.Count < SpendLedger.KeptIdentities - 1 ? identity : Others;
            if (!identities.TryGetValue(whose, out one)) identities[whose] = one = new Spend();
        }

        one.Add(spend);
    }

    internal IReadOnlyList<(ClientIdentity Identity, SpendFigures Spend)> Dearest(int count) =>
        [.. identities.Select(pair => (pair.Key, pair.Value.Figures)).OrderByDescending(pair => pair.Figures.Total).Take(count)];
}
