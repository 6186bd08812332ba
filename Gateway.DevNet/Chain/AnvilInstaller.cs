namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>
/// Installs a pinned anvil from npm into <see cref="ToolsFolder"/>, once, even for several concurrent processes.
/// </summary>
/// <remarks>
/// One process installs into a staging folder next to the final one and renames it when complete; the others wait for
/// its lock. Package scripts are not run: the binary comes in a package of its own.
/// </remarks>
internal static class AnvilInstaller
{
    public const string Version = "1.7.1";

    private const string Command = $"npm install --global @foundry-rs/anvil@{Version}";

    public static async Task<string> InstallAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(ToolsFolder.Root, $"anvil-{Version}");
        if (Installed(folder) is { } ready) return ready;
        Directory.CreateDirectory(ToolsFolder.Root);
        using var mine = await FileLock.AcquireAsync(folder + ".lock", cancellationToken);
        if (Installed(folder) is { } others) return others;
        progress($"installing anvil {Version} from npm into {folder} (once; about 45 MB on disk)");
        await using (new InstallProgress(folder + ".staging", 45, progress)) await InstallIntoAsync(folder, cancellationToken);
        progress($"installed anvil {Version}");
        return Installed(folder) ?? throw Failed($"the package has no binary for this machine ({AnvilBinary.PlatformPackage})");
    }

    private static string? Installed(string folder) => AnvilBinary.InModules(Path.Combine(folder, "node_modules"));

    private static async Task InstallIntoAsync(string folder, CancellationToken cancellationToken)
    {
        var staging = folder + ".staging";
        if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        Directory.CreateDirectory(staging);
        await File.WriteAllTextAsync(Path.Combine(staging, "package.json"), "{\"private\":true}", cancellationToken);
        var result = await Npm.RunAsync(
            staging,
            ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", $"@foundry-rs/anvil@{Version}"],
            cancellationToken);
        if (result is { } fault) throw Failed(fault);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.Move(staging, folder);
    }

    private static AnvilException Failed(string why) =>
        new(
            $"anvil, the local Ethereum chain, is not on the PATH and could not be installed: {why}{Environment.NewLine}Install it " +
            $"with: {Command}");
}
