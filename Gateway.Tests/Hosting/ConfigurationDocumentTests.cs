using System.Diagnostics;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

public partial class ConfigurationDocumentTests
{
    [Fact]
    public async Task The_document_names_every_flag_and_variable_of_the_help_and_no_other()
    {
        var help = await HelpAsync("xmtp-gateway.dll") + await HelpAsync("xmtp-chain-watcher.dll");
        var document = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "configuration.md"), TestContext.Current.CancellationToken);
        var table = string.Join('\n', document.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)));

        Assert.Equal(Names(help).Except(["--flag", "--switch", "--help", "--version"]), Names(table));
    }

    private static IEnumerable<string> Names(string text) =>
        Name().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);

    private static async Task<string> HelpAsync(string program)
    {
        var (exitCode, text, errors) = await TestProcess.RunAsync(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), "--help", "all"]));
        Assert.True(exitCode == 0, errors);
        return text;
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gateway.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"--[a-z][a-z.0-9-]+[a-z0-9]|(?<![A-Z_])[A-Z]+(?:_[A-Z]+)+")]
    private static partial Regex Name();
}
