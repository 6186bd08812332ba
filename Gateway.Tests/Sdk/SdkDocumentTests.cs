using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>docs/sdks.md: its table of versions is what is installed, and its snippets are files that run.</summary>
[Collection(nameof(SdkCollection))]
public sealed partial class SdkDocumentTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private const string Begin = "<!-- made by SdkDocumentTests -->\n";
    private const string End = "<!-- end -->\n";
    private const string PublicGateway = "http://localhost:5050";

    private static readonly string Document = Path.Combine(ToolsFolder.Repository!, "docs", "sdks.md");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_table_of_versions_is_what_the_tests_run()
    {
        var text = await File.ReadAllTextAsync(Document, Cancel);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var made = await TableAsync();
        if (text[from..to] == made) return;
        await File.WriteAllTextAsync(Document, text[..from] + made + text[to..], Cancel);
        Assert.Fail($"the table of versions was not true any more and is rewritten: review and commit {Document}");
    }

    [Fact]
    public async Task Its_snippets_are_files_of_e2e()
    {
        var snippets = Snippets().Matches(await File.ReadAllTextAsync(Document, Cancel));
        Assert.Equal(
            [
                "agent/echo.mjs", "agent/with-gateway.mjs", "docs/cli.sh", "docs/client.mjs", "lib/contract-wallet.mjs",
                "lib/large-group.mjs",
            ],
            snippets.Select(snippet => snippet.Groups["file"].Value).Order(StringComparer.Ordinal));
        foreach (Match snippet in snippets)
        {
            var file = await File.ReadAllTextAsync(Path.Combine(SdkInstallation.Packages.Folder, snippet.Groups["file"].Value), Cancel);
            Assert.Equal(file, snippet.Groups["code"].Value);
        }
    }

    // The other files are parts of scripts that other tests run.
    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public async Task Its_client_registers_and_writes(Sdk sdk)
    {
        var start = SdkInstallation.Packages.Start(SdkInstallation.Of(sdk), "docs/client.mjs");
        start.Environment["XMTP_GATEWAY_HOST"] = $"{box.Network.Gateway}".TrimEnd('/');
        await RunAsync(start);
    }

    [Fact]
    public async Task The_README_installs_the_versions_that_are_tested()
    {
        var manifest = JsonElement.Parse(
            await File.ReadAllTextAsync(Path.Combine(SdkInstallation.Packages.Folder, "package.json"), Cancel)).GetProperty("dependencies");
        var installs = string.Join(
            ' ', new[] { "@xmtp/node-sdk", "viem" }.Select(name => $"{name}@{manifest.GetProperty(name).GetString()}"));
        Assert.Contains($"npm install --silent {installs}\n", await ReadmeAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Sdk.Newest)]
    [InlineData(Sdk.Oldest)]
    public async Task The_client_of_the_README_registers_and_writes(Sdk sdk)
    {
        var code = ReadmeClient().Match(await ReadmeAsync()).Groups["code"].Value;
        Assert.Contains(PublicGateway, code, StringComparison.Ordinal);
        var packages = SdkInstallation.Packages;
        var file = Path.Combine(packages.Folder, $".readme-{Guid.NewGuid():N}.mjs");
        try
        {
            var gateway = $"{box.Network.Gateway}".TrimEnd('/');
            await File.WriteAllTextAsync(file, code.Replace(PublicGateway, gateway, StringComparison.Ordinal), Cancel);
            await RunAsync(packages.Start(SdkInstallation.Of(sdk), Path.GetFileName(file)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Its_commands_of_the_command_line_clients_succeed()
    {
        var packages = SdkInstallation.Packages;
        var folder = Directory.CreateTempSubdirectory("sdk-");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "node_modules"), Path.Combine(packages.Folder, "node_modules"));
            var commands = await File.ReadAllTextAsync(Path.Combine(packages.Folder, "docs", "cli.sh"), Cancel);
            commands = commands.Replace(PublicGateway, $"{box.Network.Gateway}".TrimEnd('/'), StringComparison.Ordinal);
            var start = new ProcessStartInfo("sh", ["-e", "-c", commands]) { WorkingDirectory = folder.FullName };
            var node = Path.GetDirectoryName(packages.Node);
            if (node is { Length: > 0 }) start.Environment["PATH"] = $"{node}:{Environment.GetEnvironmentVariable("PATH")}";
            start.Environment["NODE_OPTIONS"] = $"--import={new Uri(Path.Combine(packages.Folder, "lib", "sdk.mjs"))}";
            start.Environment["NODE_SDK"] = SdkInstallation.Of(Sdk.Newest).Name;
            start.Environment["CONVOS_HOME"] = folder.FullName;
            await RunAsync(start);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<string> ReadmeAsync() => File.ReadAllTextAsync(Path.Combine(ToolsFolder.Repository!, "README.md"), Cancel);

    private static async Task RunAsync(ProcessStartInfo start)
    {
        var (exitCode, output, errors) = await TestProcess.RunAsync(start);
        Assert.True(exitCode == 0, $"{output}{errors}");
    }

    private static async Task<string> TableAsync()
    {
        var packages = SdkInstallation.Packages;
        List<string> rows = ["| package | version | Node.js | glibc on Linux (x64) | in the tests |", "| --- | --- | --- | --- | --- |"];
        string[] roles =
        [
            "the newest release, where it loads", "where the newest release does not load", "the oldest that is tested",
        ];
        rows.AddRange(packages.Sdks.Zip(
            roles, (sdk, role) => $"| `@xmtp/node-sdk` | {sdk.Version} | {sdk.Node} | {sdk.Glibc} | {role} |"));
        rows.AddRange(packages.Clients.Select(
            client => $"| `{client.Name}` | {client.Version} | {client.Node} | as its `@xmtp/node-sdk` | the newest release |"));
        var page = Path.Combine(ToolsFolder.Repository!, "Gateway.DevNet", "Page", "Site", "package.json");
        var installed = JsonElement.Parse(await File.ReadAllTextAsync(page, Cancel)).GetProperty("dependencies");
        var browser = installed.GetProperty("@xmtp/browser-sdk").GetString();
        rows.Add($"| `@xmtp/browser-sdk` | {browser} | | | in Chromium, on the page of the local network |");
        return string.Concat(rows.Select(row => row + "\n"));
    }

    [GeneratedRegex(@"<<'END'\n(?<code>.*?)^END$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex ReadmeClient();

    [GeneratedRegex(@"\[e2e/(?<file>[^\]]+)\]\([^)]+\)[^\n]*\n\n```(js|sh)\n(?<code>.*?)```\n", RegexOptions.Singleline)]
    private static partial Regex Snippets();
}
