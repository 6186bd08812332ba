using System.Diagnostics;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>The help of both programs: short, with names that exist; the commands, and words that are none.</summary>
public sealed partial class HelpTests
{
    private const int TwoScreens = 48;

    [Theory]
    [InlineData("xmtp-gateway.dll", "--help")]
    [InlineData("xmtp-gateway.dll", "-h")]
    [InlineData("xmtp-gateway.dll", "help")]
    [InlineData("xmtp-chain-watcher.dll", "--help")]
    [InlineData("xmtp-chain-watcher.dll", "help")]
    public async Task Help_is_what_is_required_first_then_an_example_and_the_commands_on_two_screens(string program, string word)
    {
        var (exitCode, help, errors) = await RunAsync(program, word);
        Assert.Equal((0, ""), (exitCode, errors));
        var lines = help.TrimEnd().Split(Environment.NewLine);
        Assert.InRange(lines.Length, 20, TwoScreens);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 110));
        var (required, example, commands) = (At("Required,"), At("Example:"), At("Commands:"));
        Assert.True(required < example && example < commands, help);
        Assert.Contains("--help all lists every flag", help, StringComparison.Ordinal);
        Assert.Contains("docs/configuration.md", help, StringComparison.Ordinal);

        int At(string text) => Array.FindIndex(lines, line => line.StartsWith(text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("xmtp-gateway.dll")]
    [InlineData("xmtp-chain-watcher.dll")]
    public async Task Help_names_flags_and_variables_of_the_whole_list_alone(string program)
    {
        var all = Names((await RunAsync(program, "help", "all")).Output).ToHashSet();
        Assert.Equal(all, Names((await RunAsync(program, "--help", "all")).Output).ToHashSet());
        Assert.True(all.Count > 50);
        Assert.Empty(Names((await RunAsync(program, "--help")).Output).Except(all).Except(["--flag", "--switch", "--help"]));
    }

    [Theory]
    [InlineData("xmtp-gateway.dll", "docter", "did you mean doctor?")]
    [InlineData("xmtp-gateway.dll", "payers", "did you mean payer?")]
    [InlineData("xmtp-gateway.dll", "hlep", "did you mean help?")]
    [InlineData("xmtp-gateway.dll", "start", "Commands: doctor, payer, estimate, healthcheck, help, version.")]
    [InlineData("xmtp-chain-watcher.dll", "helthcheck", "did you mean healthcheck?")]
    public async Task A_word_that_is_no_command_is_explained_alone(string program, string word, string explanation)
    {
        var (exitCode, output, errors) = await RunAsync(program, word);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(explanation, errors, StringComparison.Ordinal);
        Assert.Equal(2, errors.TrimEnd().Split(Environment.NewLine).Length);
    }

    [Fact]
    public async Task A_key_in_place_of_a_command_is_not_shown()
    {
        var (exitCode, _, errors) = await RunAsync("xmtp-gateway.dll", GatewayUnderTest.Key);
        Assert.Equal(2, exitCode);
        Assert.DoesNotContain(GatewayUnderTest.Key[4..], errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_version_is_the_flag()
    {
        var (exitCode, output, _) = await RunAsync("xmtp-gateway.dll", "version");
        Assert.Equal((0, HelpText.Version("xmtp-gateway")), (exitCode, output.TrimEnd()));
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, params string[] args) =>
        TestProcess.RunAsync(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. args]));

    private static IEnumerable<string> Names(string text) => Name().Matches(text).Select(match => match.Value).Distinct();

    [GeneratedRegex(@"(?<!\S)--[a-z][a-z.0-9-]*[a-z0-9]|XMTPD_[A-Z0-9_]+")]
    private static partial Regex Name();
}
