using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>Adds flags and variables above all other configuration, under the keys of the table.</summary>
/// <remarks>
/// Variables are read as configuration keys of the same name, where the host puts the process's environment: several
/// gateways in one process may each have their own.
/// </remarks>
internal static class SettingConfiguration
{
    /// <summary>Adds the given values: a flag overrides its variable, and both override appsettings.json.</summary>
    public static void AddTo(IConfigurationManager configuration, SettingTable table, CommandLine line)
    {
        var given = new Dictionary<string, string?>();
        foreach (var setting in table.Settings)
        {
            var variables = VariablesOf(setting, configuration);
            var isFlag = line.Values.TryGetValue(setting, out var flag);
            if (!isFlag && variables.Count == 0) continue;
            given[setting.Key] = isFlag ? flag : configuration[variables[0]];
            if ((isFlag ? line.OtherName(setting) : variables.Take(1).FirstOrDefault(name => name != setting.Variables[0])) is { } other)
                given[setting.OtherNameKey] = other;
        }

        configuration.Add(new Given { InitialData = given });
    }

    /// <summary>The faults of settings whose variables have different values, where no flag overrides them.</summary>
    public static IEnumerable<string> Faults(IConfiguration configuration, SettingTable table, CommandLine line)
    {
        foreach (var setting in table.Settings.Where(setting => setting.Variables.Count > 1 && !line.Values.ContainsKey(setting)))
        {
            var names = VariablesOf(setting, configuration);
            if (names.Skip(1).FirstOrDefault(name => !setting.AreSame(configuration[names[0]]!, configuration[name]!)) is { } other)
                yield return setting.Disagree(names[0], other);
        }
    }

    /// <summary>Reads one group as the host does, whether or not its table was added already.</summary>
    public static TOptions Read<TOptions>(IConfigurationManager configuration, SettingGroup<TOptions> group)
        where TOptions : class, new()
    {
        if (configuration.Sources.OfType<Given>().Any()) return group.Read(configuration, []);
        var table = new SettingTable([group]);
        using var all = new ConfigurationManager();
        all.AddConfiguration(configuration);
        AddTo(all, table, CommandLine.Read(CommandLine.ArgumentsOf(configuration), table));
        return group.Read(all, []);
    }

    // The names of the variables that have a value, in the order of the row.
    private static List<string> VariablesOf(Setting setting, IConfiguration configuration) =>
        [.. setting.Variables.Where(name => setting.IsGiven(configuration[name]) && !ServiceLink.Is(name, configuration[name]))];

    private sealed class Given : MemoryConfigurationSource;
}
