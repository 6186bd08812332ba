using System.Diagnostics;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>Recompiles the stand-in contracts, with the pinned compiler from npm in a folder of its own.</summary>
public static class StandInCompiler
{
    /// <summary>Compiles the contracts.</summary>
    /// <param name="sources">
    /// The folder of the sources, with its <c>package.json</c>, its lock file and <c>compile.mjs</c>.
    /// </param>
    /// <param name="cancellationToken">Cancels the compilation.</param>
    /// <returns>The new content of <c>artifacts.json</c>.</returns>
    /// <exception cref="InvalidOperationException">The compiler is not available or fails; the message says what to
    /// do.</exception>
    public static async Task<string> CompileAsync(string sources, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(ToolsFolder.Root, "solc");
        Directory.CreateDirectory(folder);
        using var mine = await FileLock.AcquireAsync(folder + ".lock", cancellationToken);
        if (await InstallAsync(sources, folder, cancellationToken) is { } fault)
        {
            throw new InvalidOperationException(
                $"the Solidity compiler is not available: {fault}{Environment.NewLine}Install it with: npm ci --prefix \"{folder}\"");
        }

        var output = Path.Combine(folder, "artifacts.json");
        await RunNodeAsync(folder, [Path.Combine(sources, "compile.mjs"), output], cancellationToken);
        return await File.ReadAllTextAsync(output, cancellationToken);
    }

    // The copy of the lock file is written last, so that it marks a complete installation.
    private static async Task<string?> InstallAsync(string sources, string folder, CancellationToken cancellationToken)
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(sources, "package-lock.json"), cancellationToken);
        var mark = Path.Combine(folder, "installed.json");
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark, cancellationToken) == wanted) return null;
        foreach (var name in (string[])["package.json", "package-lock.json"])
            File.Copy(Path.Combine(sources, name), Path.Combine(folder, name), overwrite: true);
        var fault = await Npm.RunAsync(
            folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cancellationToken);
        if (fault is null) await File.WriteAllTextAsync(mark, wanted, cancellationToken);
        return fault;
    }

    private static async Task RunNodeAsync(string folder, string[] arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("node", arguments) { WorkingDirectory = folder, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        var errors = await node.StandardError.ReadToEndAsync(cancellationToken);
        await node.WaitForExitAsync(cancellationToken);
        if (node.ExitCode != 0) throw new InvalidOperationException($"the contracts do not compile: {errors}");
    }
}
