using System.Text.RegularExpressions;

namespace Xmtp.Gateway.AppHost.Deployment;

/// <summary>
/// What <c>azd env set</c> wrote for one environment. azd gives it to its templates, and not to the application that it
/// publishes.
/// </summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its values by name.</param>
internal sealed partial record AzdEnvironment(string Name, IReadOnlyDictionary<string, string> Values)
{
    private const string NameVariable = "AZURE_ENV_NAME";

    /// <summary>A value, or an empty text.</summary>
    public string this[string name] => Values.GetValueOrDefault(name, string.Empty);

    /// <summary>
    /// Those that may be meant: the one of <c>AZURE_ENV_NAME</c>, or else all of the project, since nobody tells the application
    /// what <c>azd -e</c> said. None where azd has not been used.
    /// </summary>
    /// <param name="folder">A folder inside the project of azd.</param>
    /// <param name="variable">Reads a variable of the process.</param>
    public static IReadOnlyList<AzdEnvironment> Read(string folder, Func<string, string?> variable)
    {
        var root = folder;
        while (root is not null && !File.Exists(Path.Combine(root, "azure.yaml"))) root = Path.GetDirectoryName(root);
        if (root is null) return [];
        var environments = Path.Combine(root, ".azure");
        if (variable(NameVariable) is { Length: > 0 } name) return [new(name, ReadFile(Path.Combine(environments, name, ".env")))];
        return !Directory.Exists(environments)
            ? []
            : [.. Directory.EnumerateDirectories(environments)
                .Order(StringComparer.Ordinal)
                .Where(found => File.Exists(Path.Combine(found, ".env")))
                    .Select(found => new AzdEnvironment(Path.GetFileName(found), ReadFile(Path.Combine(found, ".env"))))];
    }

    // Lines of NAME="value"; a backslash stands before what would end the value or be expanded in it.
    private static Dictionary<string, string> ReadFile(string file) => !File.Exists(file)
        ? []
        : File.ReadLines(file)
            .Select(line => line.Split('=', 2))
            .Where(line => line.Length == 2)
            .ToDictionary(line => line[0].Trim(), line => Unquoted(line[1].Trim()), StringComparer.Ordinal);

    private static string Unquoted(string value) => value is ['"', .., '"'] ? Escaped().Replace(value[1..^1], "$1") : value;

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escaped();
}
