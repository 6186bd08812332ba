using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Packages;

/// <summary>From an empty folder to a gateway of one's own, with the packages as they would be published.</summary>
public sealed class TemplateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xmtp-gateway-").FullName;

    // No two runs have a version in common: what a machine keeps of packages would be taken for the new ones.
    // It is a final version, as the one of a release is: NuGet holds those to more rules.
    private readonly string _version = $"0.1.{Random.Shared.Next(1, int.MaxValue)}";

    private string Made => Path.Combine(_folder, "my-gateway");

    [Fact]
    public async Task A_new_gateway_builds_against_the_packages_and_its_own_test_passes()
    {
        string[] hive = ["--debug:custom-hive", Path.Combine(_folder, "hive")];
        await DotnetAsync(_folder, ["new", "install", Path.Combine(Root(), "templates", "xmtp-gateway"), .. hive]);
        await DotnetAsync(_folder, ["new", "xmtp-gateway", "-o", Made, "--GatewayVersion", _version, "--no-update-check", .. hive]);
        await DotnetAsync(
            Root(),
            "pack",
            "Packages.slnf",
            "-c",
            Configuration(),
            "--no-build",
            "-o",
            Path.Combine(Made, "packages"),
            $"-p:Version={_version}",
            "-v",
            "q");
        await PackagesAreWholeAsync();
        await KeepPackagesApartAsync();
        var said = await DotnetAsync(Made, "test", "-v", "q");

        Assert.Contains("Passed!", said, StringComparison.Ordinal);
        Assert.Contains(
            "COPY . .",
            await File.ReadAllTextAsync(Path.Combine(Made, "Dockerfile"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        var help = await DotnetAsync(Made, "run", "--no-build", "--project", "my_gateway", "--", "--help");
        Assert.Contains("--auth.jwt.jwks-url", help, StringComparison.Ordinal);
        await NativesComeAlongAsync();
        await ToolsRunAsync();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task PackagesAreWholeAsync()
    {
        await using var package = await ZipFile.OpenReadAsync(
            Path.Combine(Made, "packages", $"Xmtp.Gateway.{_version}.nupkg"), TestContext.Current.CancellationToken);
        foreach (var file in new[] { "README.md", "lib/net10.0/Xmtp.Gateway.dll", "lib/net10.0/Xmtp.Gateway.xml" })
            Assert.Contains(package.Entries, entry => entry.FullName == file);
        Assert.True(File.Exists(Path.Combine(Made, "packages", $"Xmtp.Gateway.{_version}.snupkg")));
    }

    // As AddXmtpGateway and AddXmtpDevNet of an Aspire application run them.
    private async Task ToolsRunAsync()
    {
        foreach (var (tool, program) in new[] { ("Xmtp.Gateway.Tool", "xmtp-gateway"), ("Xmtp.Gateway.DevNet", "xmtp-devnet") })
        {
            var said = await DotnetAsync(Made, "tool", "exec", $"{tool}@{_version}", "--yes", "--", "--version");
            Assert.Contains($"{program} 0.", said, StringComparison.Ordinal);
        }
    }

    // Who takes the packages gets libsecp256k1 for every platform, and for one alone where a program is published for it.
    private async Task NativesComeAlongAsync()
    {
        await using var crypto = await ZipFile.OpenReadAsync(
            Path.Combine(Made, "packages", $"Xmtp.Gateway.Crypto.{_version}.nupkg"), TestContext.Current.CancellationToken);
        using var nuspec = new StreamReader(
            await crypto.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal))
                .OpenAsync(TestContext.Current.CancellationToken));
        var dependency = Regex.Match(
            await nuspec.ReadToEndAsync(TestContext.Current.CancellationToken),
            """<dependency id="Secp256k1.Net" [^>]*exclude="([^"]*)".*/>""").Groups[1].Value;
        Assert.Contains("Compile", dependency, StringComparison.Ordinal);
        Assert.Contains("Runtime", dependency, StringComparison.Ordinal);
        Assert.DoesNotContain("Native", dependency, StringComparison.Ordinal);

        Assert.Equal(
            9, Natives(Path.Combine(Made, "my_gateway", "bin")).Count(file => !file.Contains("linux-x86", StringComparison.Ordinal)));
        var published = Path.Combine(_folder, "published");
        await DotnetAsync(
            Made,
            "publish",
            "my_gateway",
            "-r",
            RuntimeInformation.RuntimeIdentifier,
            "--self-contained",
            "false",
            "-p:UseAppHost=false",
            "-o",
            published,
            "-v",
            "q");
        Assert.Equal(published, Path.GetDirectoryName(Assert.Single(Natives(published))));
    }

    private static string[] Natives(string under)
    {
        Assert.Empty(Directory.EnumerateFiles(under, "Secp256k1.Net.*", SearchOption.AllDirectories));
        return [.. Directory.EnumerateFiles(under, "*secp256k1.*", SearchOption.AllDirectories)];
    }

    // The machine's packages serve as a fallback, so only ours are unpacked, and into the folder that goes away.
    private async Task KeepPackagesApartAsync()
    {
        var machine = (await DotnetAsync(_folder, "nuget", "locals", "global-packages", "--list")).Split(": ", 2)[1].Trim();
        var own = Path.Combine(Made, "nuget.config");
        var text = await File.ReadAllTextAsync(own, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(own, text.Replace("<configuration>", $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{Path.Combine(_folder, "packages")}" /></config>
              <fallbackPackageFolders><add key="machine" value="{machine}" /></fallbackPackageFolders>
            """, StringComparison.Ordinal), TestContext.Current.CancellationToken);
    }

    private static async Task<string> DotnetAsync(string where, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", args) { WorkingDirectory = where };
        foreach (var (name, value) in new[]
        {
            ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
            ("MSBUILDDISABLENODEREUSE", "1"),
            ("DOTNET_NOLOGO", "1"),
        }) start.Environment[name] = value;
        var (exitCode, output, errors) = await TestProcess.RunAsync(start, TimeSpan.FromMinutes(10));
        Assert.True(exitCode == 0, $"dotnet {string.Join(' ', args)} ended with {exitCode}: {output}{errors}");
        return output;
    }

    private static string Configuration() =>
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            ? "Release"
            : "Debug";

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Gateway.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
