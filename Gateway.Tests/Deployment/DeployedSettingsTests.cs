using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>The variables that the files of deployments name, and what may not be in any of them.</summary>
public partial class DeployedSettingsTests
{
    private static readonly string[] Folders = ["deploy/compose", "deploy/kubernetes", "Gateway.AppHost/infra"];

    [Fact]
    public async Task Every_variable_that_is_named_is_one_that_the_gateway_or_the_watcher_reads()
    {
        var known = Variable()
            .Matches(await HelpAsync("xmtp-gateway.dll") + await HelpAsync("xmtp-chain-watcher.dll"))
            .Select(match => match.Value)
            .ToHashSet();
        Assert.NotEmpty(known);
        foreach (var file in Folders.SelectMany(DeploymentFiles.In))
        {
            var unknown = Variable()
                .Matches(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken))
                .Select(match => match.Value)
                .Where(name => !known.Contains(name));
            Assert.True(!unknown.Any(), $"{file}: {string.Join(", ", unknown)}");
        }
    }

    [Fact]
    public async Task No_file_holds_a_key_or_an_address_of_an_RPC()
    {
        foreach (var file in Folders.SelectMany(DeploymentFiles.In))
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.DoesNotMatch("[0-9a-fA-F]{64}", text);
            Assert.DoesNotMatch(@"wss?://\w", text);
            Assert.DoesNotMatch(@"RPC_URL\W+https?://", text);
            Assert.DoesNotMatch(@"(?i)password[=:] *['""]?[a-z0-9]", text);
        }
    }

    private static async Task<string> HelpAsync(string program)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), "--help", "all"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return text;
    }

    // A star behind it stands for several, as in XMTPD_AUTH_JWT_*.
    [GeneratedRegex(@"XMTPD_[A-Z0-9_]*[A-Z0-9](?!_?\*)(?![A-Z0-9_])")]
    private static partial Regex Variable();
}
