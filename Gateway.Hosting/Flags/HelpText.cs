using System.Globalization;
using System.Reflection;
using System.Text;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The output of <c>--help all</c> and <c>--version</c>. The short text of <c>--help</c> is each program's own.</summary>
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
    public static string All(SettingTable table, string title, string program)
    {
        var text = new StringBuilder();
        text.AppendLine(title);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Usage: {program} [--flag value | --flag=value | --switch] ...");
        text.AppendLine(CultureInfo.InvariantCulture, $"       {program} COMMAND: {string.Join(", ", table.Commands)}");
        text.AppendLine("A flag wins over its variable, a variable over appsettings.json. Durations: 300ms, 5s, 1h30m.");
        foreach (var group in table.Groups) AppendGroup(text, group.Title, group.Settings.Where(setting => !setting.HasNoEffect));
        AppendGroup(text, "Accepted for command lines of xmtpd, without effect", table.Settings.Where(setting => setting.HasNoEffect));
        text.AppendLine().AppendLine("Other:");
        text.AppendLine("  -h, --help: what is needed; --help all: this list").AppendLine("  -v, --version");
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
