using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The payers of the payers file. The file and its keys are read at the first use, and payers are built after that.</summary>
internal sealed class PayerSet : IAsyncDisposable
{
    private readonly Lazy<PayersReading> _reading;
    private readonly Lazy<PayerRules> _rules;
    private readonly Lazy<Dictionary<string, Payer>> _payers;

    public PayerSet(IServiceProvider services, IConfiguration configuration, SettingTable table, UncheckedOptions<PayersOptions> options)
    {
        var settings = new PayerSettings(table);
        _reading = new(() => PayersReading.Read(options.Value.File!, settings, configuration, services));
        _rules = new(() => new PayerRules(Reading.Document.Payers));
        _payers = new(() => Usable.Document.Payers.ToDictionary(
            entry => entry.Name,
            entry => PayerContainer.Build(services, entry, Reading.Signers[entry.Name], settings),
            StringComparer.Ordinal));
    }

    /// <summary>The file, with its faults.</summary>
    internal PayersReading Reading => _reading.Value;

    /// <summary>The rules of all payers.</summary>
    internal PayerRules Rules => _rules.Value;

    /// <summary>The payers, in the order of the file.</summary>
    /// <exception cref="GatewayStartException">The file, or a key, has faults.</exception>
    internal IReadOnlyCollection<Payer> All => _payers.Value.Values;

    /// <summary>The addresses of the payers, in the order of the file.</summary>
    /// <exception cref="GatewayStartException">The file, or a key, has faults.</exception>
    internal IReadOnlyList<PayerAddress> Addresses =>
        [.. Usable.Document.Payers.Select(entry => new PayerAddress(entry.Name, Reading.Signers[entry.Name].Address, entry.Place))];

    private PayersReading Usable => Reading.Faults.Count == 0 ? Reading : throw new GatewayStartException(Reading.Faults);

    /// <summary>The payer of a name; null when there is none.</summary>
    internal Payer? Find(string name) => _payers.Value.GetValueOrDefault(name);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_payers.IsValueCreated) return;
        foreach (var payer in _payers.Value.Values) await payer.DisposeAsync().ConfigureAwait(false);
    }
}
