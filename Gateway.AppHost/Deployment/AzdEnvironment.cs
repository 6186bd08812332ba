using System.Text.RegularExpressions;

namespace Xmtp.Gateway.AppHost.Deployment;

/// <summary>
/// The values that <c>azd env set</c> stored for one environment. azd passes them to its templates, but not to the
/// application that it publishes.
/// </summary>
/// <param name="Name">The environment's name.</param>
/// <param name="Values">The values by name.</param>
internal sealed partial record AzdEnvironment(string Name, IReadOnlyDictionary<string, string> Values)
{
    private const string NameVariable = "AZURE_ENV_NAME";

    /// <summary>A value, or an empty string.</summary>
    public string this[string name] => Values.GetValueOrDefault(name, string.Empty);

    /// <summary>
    /// The environments that may be in use: the one of <c>AZURE_ENV_NAME</c>, or else all of the project, since the
    /// application does not know the value of <c>azd -e</c>. None if azd has not been used.
    /// </summary>
    /// <param name="folder">A folder inside the azd project.</param>
    /// <param name="variable">Reads an environment variable of the process.</param>
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

    // Lines of NAME="value"; a backslash escapes characters that would end the value or be expanded in it.
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
