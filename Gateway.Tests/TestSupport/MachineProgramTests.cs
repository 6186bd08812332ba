using System.Text.RegularExpressions;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>What the tests want of a machine is what the documents and CI name.</summary>
public partial class MachineProgramTests
{
    // Passes on what its callers ask for.
    private const string PassesOn = "DeploymentFiles.cs";

    private static readonly string Repository = ToolsFolder.Repository!;

    [Fact]
    public void CONTRIBUTING_names_every_package_that_a_test_installs_and_no_other()
    {
        var packages = Wanted().Select(use => use.Package).Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.Equal(packages, Named("CONTRIBUTING.md", "also the packages ").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void CI_installs_every_package_that_a_test_installs()
    {
        var installs = File.ReadLines(Path.Combine(Repository, ".ci", "run"))
            .Single(line => line.StartsWith("install ", StringComparison.Ordinal))
            .Split(' ')
            .Skip(1)
            .Select(pair => pair.Split('=')[1])
            .ToList();
        Assert.All(Wanted(), use => Assert.Contains(use.Package, installs));
    }

    private static List<(string Program, string Package)> Wanted()
    {
        List<(string Program, string Package)> wanted = [];
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository, "Gateway.Tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != PassesOn))
        {
            foreach (Match use in Uses().Matches(File.ReadAllText(file)))
            {
                Assert.True(use.Groups["package"].Success, $"{file}: the program and its package have to be literals: {use.Value}");
                wanted.Add((use.Groups["program"].Value, use.Groups["package"].Value));
            }
        }

        return wanted;
    }

    // The list behind some words, up to the end of the sentence: `one`, `two` and `three` (with `another`).
    private static IEnumerable<string> Named(string document, string words)
    {
        var text = File.ReadAllText(Path.Combine(Repository, document));
        var from = text.IndexOf(words, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{document} does not say '{words}'");
        var list = text[from..text.IndexOf('.', from)].Split('(')[0];
        return Quoted().Matches(list).Select(name => name.Groups[1].Value);
    }

    [GeneratedRegex(
        """(MachineProgram\.Find(OrInstall)?Async|DeploymentFiles\.RunAsync)\((\s*"(?<program>[^"]+)",\s*"(?<package>[^"]+)"[,)])?""")]
    private static partial Regex Uses();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();
}
