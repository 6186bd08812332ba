using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The options of a payer: the gateway's, with what its entry in the payers file sets otherwise.</summary>
internal sealed class PayerSettings(SettingTable table)
{
    private readonly LimitSettings _limits = table.Group<LimitSettings>();
    private readonly BroadcastNetworkSettings _network = table.Group<BroadcastNetworkSettings>();
    private readonly FundsSettings _funds = table.Group<FundsSettings>();

    /// <summary>The flag and the variable of the file, for faults.</summary>
    internal string Name { get; } = table.Group<PayersSettings>().Name;

    /// <summary>The values among the settings of a payer that cannot be used, by the names of its members.</summary>
    internal IReadOnlyList<string> Faults(IReadOnlyDictionary<string, string?> settings, IConfiguration configuration) =>
        settings.Count == 0
            ? []
            : With(settings, configuration, own => new List<string>(
                [.. Faults(_limits, own), .. Faults(_network, own), .. Faults(_funds, own)]));

    /// <summary>Its node choice.</summary>
    internal BroadcastNetworkOptions Network(PayerEntry payer, IConfiguration configuration) =>
        With(payer.Settings, configuration, own => _network.Read(own, []));

    /// <summary>The levels of its funds.</summary>
    internal FundsOptions Funds(PayerEntry payer, IConfiguration configuration) =>
        With(payer.Settings, configuration, own => _funds.Read(own, []));

    /// <summary>Its limits and budgets. Those that code adds to the gateway hold for each payer.</summary>
    /// <param name="payer">The payer.</param>
    /// <param name="configuration">The gateway's configuration.</param>
    /// <param name="gateway">The gateway's limits, in which those of its configuration are first.</param>
    internal LimitsOptions Limits(PayerEntry payer, IConfiguration configuration, LimitsOptions gateway)
    {
        var (own, configured) = (
            With(payer.Settings, configuration, one => _limits.Read(one, [])), _limits.Read(configuration, []));
        foreach (var rate in gateway.Rates.Skip(configured.Rates.Count)) own.Rates.Add(rate);
        foreach (var budget in gateway.Budgets.Skip(configured.Budgets.Count)) own.Budgets.Add(budget);
        return own;
    }

    private static List<string> Faults<TOptions>(SettingGroup<TOptions> group, IConfiguration configuration)
        where TOptions : class, new()
    {
        List<string> faults = [];
        group.ReadChecked(configuration, faults);
        return faults.ConvertAll(fault => WithMember(group, fault));
    }

    // A configuration over another one is kept by that one, to be told of changes, until it is disposed.
    private static T With<T>(IReadOnlyDictionary<string, string?> settings, IConfiguration configuration, Func<IConfiguration, T> read)
    {
        if (settings.Count == 0) return read(configuration);
        var own = new ConfigurationBuilder().AddConfiguration(configuration).AddInMemoryCollection(settings).Build();
        using (own as IDisposable) return read(own);
    }

    /// <summary>A fault of a setting of a group, with the name of its member in the file: the last part of its key.</summary>
    internal static string WithMember(SettingGroup group, string fault)
    {
        if (group.Settings.FirstOrDefault(row => fault.StartsWith(row.Name, StringComparison.Ordinal)) is not { } setting) return fault;
        var member = PayersFile.Settings.FirstOrDefault(one => one.Value == setting.Key).Key;
        var last = setting.Key[(setting.Key.LastIndexOf(':') + 1)..];
        return (member ?? char.ToLowerInvariant(last[0]) + last[1..]) + fault[setting.Name.Length..];
    }
}
