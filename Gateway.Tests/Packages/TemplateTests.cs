using System.Diagnostics;
using System.IO.Compression;

namespace Xmtp.Gateway.Tests.Packages;

/// <summary>From an empty folder to a gateway of one's own, with the packages as they would be published.</summary>
public sealed class TemplateTests : IDisposable
{
    private static readonly string[] Projects = ["Gateway.Crypto", "Gateway.Protocol", "Gateway.Chain", "Gateway.Core"];
    private readonly string folder = Directory.CreateTempSubdirectory("xmtp-gateway-").FullName;

    // No two runs have a version in common: what a machine keeps of packages would be taken for the new ones.
    private readonly string version = $"0.1.0-test.{Guid.NewGuid():N}";

    private string Feed => Path.Combine(folder, "feed");

    [Fact]
    public async Task A_new_gateway_builds_against_the_packages_and_its_own_test_passes()
    {
        foreach (var project in Projects) await DotnetAsync(Root(), "pack", project, "-c", Configuration(), "--no-build", "-o", Feed, $"-p:Version={version}", "-v", "q");
        await PackagesAreWholeAsync();

        var made = Path.Combine(folder, "MyGateway");
        string[] hive = ["--debug:custom-hive", Path.Combine(folder, "hive")];
        await DotnetAsync(folder, ["new", "install", Path.Combine(Root(), "templates", "xmtp-gateway"), .. hive]);
        await DotnetAsync(folder, ["new", "xmtp-gateway", "-o", made, "--GatewayVersion", version, "--no-update-check", .. hive]);
        await WriteSourcesAsync(made);
        var said = await DotnetAsync(made, "test", "MyGateway.slnx", "-v", "q");

        Assert.Contains("Passed!", said, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(made, "Dockerfile")));
        var help = await DotnetAsync(made, "run", "--no-build", "--project", "MyGateway", "--", "--help");
        Assert.Contains("--auth.jwt.jwks-url", help, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task PackagesAreWholeAsync()
    {
        await using var package = await ZipFile.OpenReadAsync(Path.Combine(Feed, $"Xmtp.Gateway.{version}.nupkg"), TestContext.Current.CancellationToken);
        foreach (var file in new[] { "README.md", "lib/net10.0/Gateway.Core.dll", "lib/net10.0/Gateway.Core.xml" })
            Assert.Contains(package.Entries, entry => entry.FullName == file);
        Assert.True(File.Exists(Path.Combine(Feed, $"Xmtp.Gateway.{version}.snupkg")));
    }

    // The machine's packages serve as a fallback, so only ours are unpacked, and into the folder that goes away.
    private async Task WriteSourcesAsync(string made)
    {
        var machine = (await DotnetAsync(folder, "nuget", "locals", "global-packages", "--list")).Split(": ", 2)[1].Trim();
        await File.WriteAllTextAsync(Path.Combine(made, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{Path.Combine(folder, "packages")}" /></config>
              <fallbackPackageFolders><add key="machine" value="{machine}" /></fallbackPackageFolders>
              <packageSources><add key="feed" value="{Feed}" /></packageSources>
            </configuration>
            """, TestContext.Current.CancellationToken);
    }

    private static async Task<string> DotnetAsync(string where, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", args) { WorkingDirectory = where, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new[] { ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"), ("MSBUILDDISABLENODEREUSE", "1"), ("DOTNET_NOLOGO", "1") }) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', args)} ended with {process.ExitCode}: {await output}{await errors}");
        return await output;
    }

    private static string Configuration() => AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gateway.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
