using System.Diagnostics;
using System.Runtime.InteropServices;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>A gateway and a watcher whose libsecp256k1 is another library, which has none of its functions.</summary>
public sealed class MissingCurveTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xmtp-gateway-").FullName;

    [Theory, InlineData("xmtp-gateway"), InlineData("xmtp-chain-watcher")]
    public async Task Without_a_curve_that_works_the_start_fails_and_says_the_platform(string program)
    {
        CopyWithAnotherLibrary(program);

        var (exitCode, errors) = await RunAsync(program, "--contracts.environment=anvil");

        Assert.Equal(2, exitCode);
        Assert.Contains("cannot start: 1 fault.", errors, StringComparison.Ordinal);
        Assert.Contains("  - libsecp256k1 does not work: ", errors, StringComparison.Ordinal);
        Assert.Contains($"This is {RuntimeInformation.RuntimeIdentifier}; ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at Xmtp.", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(program, "--help")).ExitCode);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void CopyWithAnotherLibrary(string program)
    {
        var listed = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, $"{program}.deps.json"));
        var another = Directory.EnumerateFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*System.IO.Compression.Native.*").First();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(AppContext.BaseDirectory, file);
            var isListed = listed.Contains($"{path.Replace(Path.DirectorySeparatorChar, '/')}\"", StringComparison.Ordinal);
            if (!isListed && !path.StartsWith(program + ".", StringComparison.Ordinal)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, path))!);
            File.Copy(path.Contains("secp256k1", StringComparison.Ordinal) ? another : file, Path.Combine(_folder, path));
        }
    }

    private async Task<(int ExitCode, string Errors)> RunAsync(string program, params string[] args)
    {
        var (exitCode, output, errors) = await TestProcess.RunAsync(
            new ProcessStartInfo("dotnet", [Path.Combine(_folder, $"{program}.dll"), .. args]) { WorkingDirectory = _folder });
        return (exitCode, errors + output);
    }
}
