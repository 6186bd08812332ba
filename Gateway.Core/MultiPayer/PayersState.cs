using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The payers by one version of the payers file. Immutable: a changed file makes another state.</summary>
/// <param name="reading">The file.</param>
/// <param name="build">Makes or finds the payer of an entry of a file without faults; called once, at the first use of the payers.</param>
internal sealed class PayersState(PayersReading reading, Func<PayerEntry, Payer> build)
{
    private readonly Lazy<PayerRules> _rules = new(() => new PayerRules(reading.Document.Payers));
    private readonly Lazy<Dictionary<string, Payer>> _payers = new(() => reading.Faults.Count > 0
        ? throw new GatewayStartException(reading.Faults)
        : reading.Document.Payers.ToDictionary(entry => entry.Name, build, StringComparer.Ordinal));

    /// <summary>The file, with its faults.</summary>
    internal PayersReading Reading => reading;

    /// <summary>The rules of all payers.</summary>
    internal PayerRules Rules => _rules.Value;

    /// <summary>The payers by their names, in the order of the file.</summary>
    /// <exception cref="GatewayStartException">The file, or a key, has faults.</exception>
    internal IReadOnlyDictionary<string, Payer> Payers => _payers.Value;

    /// <summary>The payers, in the order of the file.</summary>
    /// <exception cref="GatewayStartException">The file, or a key, has faults.</exception>
    internal IReadOnlyList<Payer> All => field ??= [.. Payers.Values];

    /// <summary>Whether the payers were made.</summary>
    internal bool AreBuilt => _payers.IsValueCreated;

    /// <summary>What pages of all payers may do.</summary>
    internal PageAccess Pages => field ??= new PageAccess(
        [.. reading.Document.Payers.SelectMany(payer => payer.Origins ?? []).Distinct(StringComparer.Ordinal)], Rules.Headers);
}
