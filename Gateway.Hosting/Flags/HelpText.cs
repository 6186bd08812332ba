using System.Globalization;
using System.Reflection;
using System.Text;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The output of <c>--help</c> and <c>--version</c>.</summary>
internal static class HelpText
{
    /// <summary>The name of a program and the version of this build.</summary>
    public static string Version(string program) =>
        $"{program} " + (typeof(HelpText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "unknown");

    /// <summary>All settings by group, with defaults and variables.</summary>
    /// <param name="table">The settings.</param>
    /// <param name="title">What the program does.</param>
    /// <param name="program">The program's name.</param>
    /// <param name="commands">The help lines of the program's own commands, if any.</param>
    public static string Of(SettingTable table, string title, string program, params string[] commands)
    {
        var text = new StringBuilder();
        text.AppendLine(title);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Usage: {program} [--flag value | --flag=value | --switch] ...");
        text.AppendLine(
            CultureInfo.InvariantCulture, $"       {program} healthcheck    check whether the local process is alive; exit code 0 or 1");
        foreach (var command in commands) text.AppendLine(command);
        text.AppendLine("A flag wins over its variable, a variable over appsettings.json. Durations: 300ms, 5s, 1h30m.");
        foreach (var group in table.Groups) AppendGroup(text, group.Title, group.Settings.Where(setting => !setting.HasNoEffect));
        AppendGroup(text, "Accepted for command lines of xmtpd, without effect", table.Settings.Where(setting => setting.HasNoEffect));
        text.AppendLine().AppendLine("Other:").AppendLine("  -h, --help").AppendLine("  -v, --version");
        return text.ToString();
    }

    private static void AppendGroup(StringBuilder text, string title, IEnumerable<Setting> settings)
    {
        text.AppendLine().Append(title).AppendLine(":");
        foreach (var setting in settings)
        {
            text.Append("  ").Append(setting.Short is { } letter ? $"-{letter}, " : "").Append("--").Append(setting.Flag);
            foreach (var alias in setting.Aliases) text.Append(", --").Append(alias);
            if (setting.ValueWord.Length > 0) text.Append(CultureInfo.InvariantCulture, $" <{setting.ValueWord}>");
            text.AppendLine().Append("        ").Append(setting.Help);
            if (setting.Default is { } value && !setting.IsSwitch) text.Append(CultureInfo.InvariantCulture, $" (default {value})");
            text.AppendLine().Append("        ").AppendJoin(", ", setting.Variables).AppendLine();
        }
    }
}
