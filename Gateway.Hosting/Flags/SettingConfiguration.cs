using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>Adds flags and <c>XMTPD_*</c> variables above all other configuration, under the keys of the table.</summary>
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
            var variable = setting.Variables.Select(name => configuration[name]).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
            if (line.Values.GetValueOrDefault(setting) is { } flag) given[setting.Key] = flag;
            else if (variable is not null) given[setting.Key] = variable;
        }

        configuration.Add(new Given { InitialData = given });
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

    private sealed class Given : MemoryConfigurationSource;
}
