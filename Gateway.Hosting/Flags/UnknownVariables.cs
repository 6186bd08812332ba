using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>
/// Finds variables that look like this program's and that it does not read: a misspelt one, such as <c>XMTPD_BUDGET</c>,
/// would leave a gateway without the budget that its operator meant to set.
/// </summary>
internal static partial class UnknownVariables
{
    /// <summary>A warning for each, without its value.</summary>
    public static IEnumerable<string> Warnings(SettingTable table, IConfiguration configuration)
    {
        var known = table.Settings.SelectMany(setting => setting.Variables).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return configuration.GetChildren()
            .Select(child => child.Key)
            .Where(name => table.IsOwnVariable(name) && !known.Contains(name) && !ServiceLinkName().IsMatch(name))
            .Order(StringComparer.Ordinal)
            .Select(name => Warning(name, SettingTable.Closest(name, known)));
    }

    private static string Warning(string name, string? closest) =>
        $"{name}: no setting has this variable, and it has no effect" + (closest is null ? "" : $"; did you mean {closest}?");

    // What Kubernetes sets in each pod for each service of the namespace, beside NAME_PORT (ServiceLink).
    [GeneratedRegex("_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_.*)?)$", RegexOptions.CultureInvariant)]
    private static partial Regex ServiceLinkName();
}
