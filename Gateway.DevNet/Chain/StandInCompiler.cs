using System.Diagnostics;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>Compiles the stand-in contracts anew, with the pinned compiler from npm in a folder of its own.</summary>
public static class StandInCompiler
{
    /// <summary>Compiles.</summary>
    /// <param name="sources">The folder of the sources, with its <c>package.json</c>, its lock and <c>compile.mjs</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What <c>artifacts.json</c> would hold.</returns>
    /// <exception cref="InvalidOperationException">The compiler cannot be had or does not compile; the message says what to do.</exception>
    public static async Task<string> CompileAsync(string sources, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(ToolsFolder.Root, "solc");
        Directory.CreateDirectory(folder);
        using var mine = await FileLock.AcquireAsync(folder + ".lock", cancellationToken);
        if (await InstallAsync(sources, folder, cancellationToken) is { } fault)
        {
            throw new InvalidOperationException(
                $"the Solidity compiler cannot be had: {fault}{Environment.NewLine}Install it with: npm ci --prefix \"{folder}\"");
        }

        var output = Path.Combine(folder, "artifacts.json");
        await RunNodeAsync(folder, [Path.Combine(sources, "compile.mjs"), output], cancellationToken);
        return await File.ReadAllTextAsync(output, cancellationToken);
    }

    // The copy of the lock goes last, so that it stands for an installation that went well.
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
