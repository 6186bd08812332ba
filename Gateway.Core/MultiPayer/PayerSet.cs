using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// The payers of the payers file. The file and its keys are read at the first use; a changed file replaces the state. Thread-safe.
/// </summary>
internal sealed class PayerSet : IPageAccess, IAsyncDisposable
{
    private readonly IServiceProvider _services;
    private readonly IConfiguration _configuration;
    private readonly PayerSettings _settings;
    private readonly TimeProvider _time;
    private readonly Lazy<PayersState> _first;
    private readonly PayerBuild _buildOfFew;
    private readonly PayerBuild _buildOfMany;
    private readonly Lock _guard = new();
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private volatile PayersState? _later;
    private volatile Payer[] _leaving = [];

    public PayerSet(
        IServiceProvider services,
        IConfiguration configuration,
        SettingTable table,
        UncheckedOptions<PayersOptions> options,
        TimeProvider time)
    {
        _services = services;
        _configuration = configuration;
        _settings = new PayerSettings(table);
        _time = time;
        Path = options.Value.File!;
        _first = new(() => Start(Read()));
        // One delegate for all payers, which keeps nothing of the file.
        _buildOfFew = (entry, keys, _) => PayerContainer.Build(_services, entry, keys, null, _settings);
        _buildOfMany = (entry, keys, use) => PayerContainer.Build(_services, entry, keys, use, _settings);
    }

    /// <summary>The file's path.</summary>
    internal string Path { get; }

    /// <summary>The state in force.</summary>
    internal PayersState State => _later ?? _first.Value;

    /// <summary>The file in force, with its faults.</summary>
    internal PayersReading Reading => State.Reading;

    /// <summary>The rules of all payers.</summary>
    internal PayerRules Rules => State.Rules;

    /// <summary>The payers, in the order of the file.</summary>
    /// <exception cref="GatewayStartException">The file, or a key, has faults.</exception>
    internal IReadOnlyList<Payer> All => State.All;

    /// <summary>Those of them that have started.</summary>
    internal IEnumerable<Payer> Started => All.Where(payer => payer.IsStarted);

    /// <summary>The payers that are not in force any more, and finish what they have in flight.</summary>
    internal IReadOnlyList<Payer> Leaving => _leaving;

    /// <summary>The addresses of the payers, in the order of the file, and then those that pay at other times.</summary>
    /// <exception cref="GatewayStartException">The file, or a key, has faults.</exception>
    internal IReadOnlyList<PayerAddress> Addresses => Reading.Faults.Count > 0
        ? throw new GatewayStartException(Reading.Faults)
        : [.. Reading.Addresses];

    PageAccess IPageAccess.Pages => State.Pages;

    /// <summary>Reads the file and its keys as they are now.</summary>
    internal PayersReading Read() => PayersReading.Read(Path, _settings, _configuration, _services, _time.GetUtcNow());

    /// <summary>The payer of an entry, whose services are built when it starts.</summary>
    internal Payer Build(PayerEntry entry, PayersReading reading) =>
        new(entry, reading.KeysOf(entry), new AccountUse(_time), reading.AreMany ? _buildOfMany : _buildOfFew);

    /// <summary>
    /// Builds the payers of earlier dates, which accept no calls: at a start a shared store may still have transactions of them.
    /// </summary>
    internal void BuildEarlier()
    {
        Payer[] earlier = [.. Reading.Document.Earlier.Select(entry => Build(entry, Reading))];
        foreach (var payer in earlier) payer.Close();
        lock (_guard) _leaving = [.. _leaving, .. earlier];
    }

    /// <summary>The payer of a name; null when there is none.</summary>
    internal Payer? Find(string name) => State.Payers.GetValueOrDefault(name);

    /// <summary>Whether there was a payer of that name, which is not in the file any more.</summary>
    internal bool HasLeft(string name)
    {
        lock (_guard) return _left.Contains(name);
    }

    /// <summary>Begins a call of a payer, which the caller ends by <see cref="Payer.Leave"/>.</summary>
    /// <returns>Null when there is none of that name that accepts calls.</returns>
    internal Payer? Enter(string name)
    {
        // One that was taken out between both steps is gone from the state at the second time.
        for (var again = 0; again < 2; again++)
        {
            if (Find(name) is { } payer && payer.TryEnter()) return payer;
        }

        return null;
    }

    /// <summary>Puts another state in force. Payers that are not in it accept no more calls.</summary>
    /// <param name="state">The state, with payers that have started.</param>
    internal void Replace(PayersState state)
    {
        lock (_guard)
        {
            var (before, now) = (State.Payers.Values.Concat(_leaving).ToList(), state.Payers.Values.ToHashSet());
            foreach (var entry in state.Reading.Document.Payers)
            {
                var payer = state.Payers[entry.Name];
                payer.Change(
                    entry,
                    state.Reading.KeysOf(entry),
                    (services, before) => PayerContainer.Change(_services, services, before, entry, _settings));
                payer.Open();
                _left.Remove(payer.Name);
            }

            foreach (var gone in before.Where(payer => !now.Contains(payer) && !state.Payers.ContainsKey(payer.Name))) _left.Add(gone.Name);
            _later = state;
            _leaving = [.. before.Where(payer => !now.Contains(payer))];
            foreach (var payer in _leaving) payer.Close();
        }
    }

    /// <summary>Forgets a payer that has left.</summary>
    internal void Forget(Payer payer)
    {
        lock (_guard) _leaving = [.. _leaving.Where(one => one != payer)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_first.IsValueCreated || !State.AreBuilt) return;
        foreach (var payer in All.Concat(_leaving)) await payer.DisposeAsync().ConfigureAwait(false);
    }

    private PayersState Start(PayersReading reading) => new(reading, entry => Build(entry, reading));
}
