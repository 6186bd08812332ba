using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>The files of <c>deploy</c>, and the programs that read them.</summary>
internal static partial class DeploymentFiles
{
    private static readonly TimeSpan MaxRun = TimeSpan.FromMinutes(3);

    /// <summary>A path of the repository.</summary>
    public static string PathOf(string path, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", path));

    /// <summary>The text of a file of the repository.</summary>
    public static string Read(string path) => File.ReadAllText(PathOf(path));

    /// <summary>Every file that is kept in this folder of the repository. A <c>.env</c> is somebody's own.</summary>
    public static IEnumerable<string> In(string folder) =>
        Directory.EnumerateFiles(PathOf(folder), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != ".env")
            .Order(StringComparer.Ordinal);

    /// <summary>Seconds of a duration such as <c>45s</c>.</summary>
    public static int Seconds(string duration)
    {
        var match = WholeSeconds().Match(duration);
        Assert.True(match.Success, $"'{duration}' is not a number of seconds");
        return int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Runs a program of the machine to its end. When it is missing the test fails with the command that installs it.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string program, string package, IReadOnlyDictionary<string, string>? variables, params string[] arguments)
    {
        var path = await MachineProgram.FindAsync(program, package);
        var start = new ProcessStartInfo(path, arguments);
        foreach (var (name, value) in variables ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return await TestProcess.RunAsync(start, MaxRun);
    }

    [GeneratedRegex(@"^(\d+)s$")]
    private static partial Regex WholeSeconds();
}
