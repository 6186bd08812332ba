using System.Diagnostics;
using System.Text.RegularExpressions;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.Sdk;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Npm;

/// <summary>The declarations of <c>npm/gateway</c>, as a program in TypeScript gets them.</summary>
[Collection(nameof(SdkCollection))]
public sealed partial class NpmTypesTests
{
    private const string Program = "fixtures/every-export.ts";

    private static readonly string Package = Path.Combine(ToolsFolder.Repository!, "npm", "gateway");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nodenext", "nodenext")]
    [InlineData("esnext", "bundler")]
    public async Task A_program_that_uses_every_export_compiles_strictly(string module, string resolution)
    {
        var modules = Path.Combine(SdkInstallation.Packages.Folder, "node_modules");
        string[] options =
        [
            "--strict", "--noUnusedLocals", "--noEmit", "--target", "es2022", "--module", module, "--moduleResolution", resolution,
            "--typeRoots", Path.Combine(modules, "@types"), "--types", "node",
        ];
        var said = await NodeAsync([Path.Combine(modules, "typescript", "bin", "tsc"), .. options, Program]);
        Assert.Equal("", said);
    }

    [Fact]
    public async Task The_declared_exports_are_those_of_the_package_and_of_the_program()
    {
        var declared = Exports().Matches(await File.ReadAllTextAsync(Path.Combine(Package, "index.d.ts"), Cancel));
        var imported = Imports().Matches(await File.ReadAllTextAsync(Path.Combine(Package, Program), Cancel));
        Assert.Equal(
            declared.Select(export => export.Groups["name"].Value).Order(StringComparer.Ordinal),
            imported.SelectMany(import => import.Groups["names"].Value.Split(", ")).Order(StringComparer.Ordinal));
        var values = await NodeAsync("-e", "import('./index.js').then((all) => console.log(Object.keys(all).join(' ')))");
        Assert.Equal(
            declared.Where(export => export.Groups["kind"].Value is not ("interface" or "type"))
                .Select(export => export.Groups["name"].Value).Order(StringComparer.Ordinal),
            values.Trim().Split(' ').Order(StringComparer.Ordinal));
    }

    private static async Task<string> NodeAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(SdkInstallation.Packages.Node, arguments) { WorkingDirectory = Package };
        var (exitCode, output, errors) = await TestProcess.RunAsync(start);
        Assert.True(exitCode == 0, output + errors);
        return output;
    }

    [GeneratedRegex(@"^export (?<kind>interface|type|class|function|const) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Exports();

    [GeneratedRegex(@"^import (type )?\{ (?<names>[^}]+) \} from '@xmtp-gateway/gateway'", RegexOptions.Multiline)]
    private static partial Regex Imports();
}
