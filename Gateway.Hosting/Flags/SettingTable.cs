using Microsoft.Extensions.Configuration;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>Every setting of a program: flags, variables, configuration keys, defaults, help.</summary>
internal sealed class SettingTable
{
    private readonly Dictionary<string, Setting> _byFlag = [];

    /// <summary>A table of these groups.</summary>
    public SettingTable(IReadOnlyList<SettingGroup> groups)
    {
        Groups = groups;
        foreach (var setting in Settings)
        {
            foreach (var flag in setting.Aliases.Prepend(setting.Flag)) _byFlag.Add("--" + flag, setting);
            if (setting.Short is { } letter) _byFlag.Add("-" + letter, setting);
        }
    }

    /// <summary>The groups in the order of <c>--help</c>.</summary>
    public IReadOnlyList<SettingGroup> Groups { get; }

    /// <summary>
    /// Whether a variable can only be meant for this program, by its name: those that no setting has are warned about. By default
    /// none is.
    /// </summary>
    public Func<string, bool> IsOwnVariable { get; init; } = _ => false;

    /// <summary>The commands that the program has in place of a start, as they are listed.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Every row.</summary>
    public IEnumerable<Setting> Settings => Groups.SelectMany(group => group.Settings);

    /// <summary>
    /// What is unusual about the given values, each with its setting's name, and the variables that have no effect.
    /// </summary>
    public IEnumerable<string> Warnings(IConfiguration configuration) => Settings
        .Select(setting => (setting.Name, Text: setting.Given(configuration) is { } text ? setting.Warning(text) : null))
        .Where(warning => warning.Text is not null)
        .Select(warning => $"{warning.Name}: {warning.Text}")
        .Concat(Settings.SelectMany(setting => setting.Variables)
            .Where(variable => ServiceLink.Is(variable, configuration[variable]))
            .Select(ServiceLink.Warning))
        .Concat(UnknownVariables.Warnings(this, configuration));

    /// <summary>Finds a row by its flag, dashes included.</summary>
    public Setting? Find(string flag) => _byFlag.GetValueOrDefault(flag);

    /// <summary>The group of one kind.</summary>
    public T Group<T>()
        where T : SettingGroup => Groups.OfType<T>().Single();

    /// <summary>The known flag (without dashes) that is closest to an unknown one; null when none is close.</summary>
    public string? Nearest(string flag)
    {
        var name = flag.TrimStart('-');
        return _byFlag.Keys.FirstOrDefault(known => known.EndsWith("." + name, StringComparison.Ordinal))?[2..]
            ?? Closest(name, _byFlag.Keys.Where(known => known.StartsWith("--", StringComparison.Ordinal)).Select(known => known[2..]));
    }

    /// <summary>The name that is closest to an unknown one; null when none is close.</summary>
    public static string? Closest(string name, IEnumerable<string> known)
    {
        var (best, distance) = known.Select(one => (one, Distance(name, one))).MinBy(pair => pair.Item2);
        return distance <= Math.Max(3, name.Length / 4) ? best : null;
    }

    // Levenshtein distance: inserted, removed and changed characters.
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
