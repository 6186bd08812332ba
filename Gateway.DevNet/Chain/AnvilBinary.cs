using System.Runtime.InteropServices;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>
/// Finds the anvil program: the variable <c>ANVIL</c>, the PATH, the project's own folder; else installs it there.
/// </summary>
/// <remarks>
/// The npm package's <c>anvil</c> is a script that starts a binary of another package; either may outlive the other. So
/// if a script is found, the binary behind it is run directly.
/// </remarks>
public static class AnvilBinary
{
    /// <summary>The environment variable that names the program.</summary>
    public const string Variable = "ANVIL";

    private static string Name => OperatingSystem.IsWindows() ? "anvil.exe" : "anvil";

    /// <summary>The package with the binary for this machine, such as <c>anvil-linux-amd64</c>.</summary>
    internal static string PlatformPackage
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "win32" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
            var processor = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";
            return $"anvil-{system}-{processor}";
        }
    }

    /// <summary>The path of a program to start.</summary>
    /// <param name="progress">Called when an installation starts and ends.</param>
    /// <param name="cancellationToken">Cancels an installation.</param>
    /// <exception cref="AnvilException">Anvil is missing and cannot be installed; the message contains the command to
    /// install it.</exception>
    public static async Task<string> FindOrInstallAsync(Action<string> progress, CancellationToken cancellationToken) =>
        Find() ?? await AnvilInstaller.InstallAsync(progress, cancellationToken);

    /// <summary>The binary in a <c>node_modules</c> folder; null when it is not there.</summary>
    internal static string? InModules(string nodeModules)
    {
        var path = Path.Combine(nodeModules, "@foundry-rs", PlatformPackage, "bin", Name);
        return File.Exists(path) ? path : null;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named)
                ? BehindScript(named)
                : throw new AnvilException($"{Variable} names '{named}', and there is no such file");
        }

        var folders = (Environment.GetEnvironmentVariable("PATH")
            ?? string.Empty).Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var onPath = folders.Select(folder => Path.Combine(folder, Name)).FirstOrDefault(File.Exists);
        return onPath is null ? null : BehindScript(onPath);
    }

    // …/node_modules/@foundry-rs/anvil/bin.mjs: the binary is in a sibling package or a nested one.
    private static string BehindScript(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (!target.EndsWith(".mjs", StringComparison.Ordinal)) return path;
        var package = Path.GetDirectoryName(target)!;
        var beside = Path.GetFullPath(Path.Combine(package, "..", ".."));
        return InModules(Path.Combine(package, "node_modules")) ?? InModules(beside) ?? path;
    }
}
