using System.Diagnostics;
using System.Security.Cryptography;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.DevNet.Page;

/// <summary>
/// The scripts of the page: the browser SDK from npm, bundled into <see cref="ToolsFolder"/> once, even for several
/// concurrent processes, and again when the page changes.
/// </summary>
/// <remarks>
/// Created at the first request: a network without a browser never installs it. After a failure the next request
/// retries.
/// </remarks>
internal sealed class PageBundle(Action<string> progress) : IDisposable
{
    private const string Prefix = "Xmtp.Gateway.DevNet.Page.";
    private static readonly string[] Sources = ["index.html", "page.mjs", "build.mjs", "package.json", "package-lock.json"];
    private readonly SemaphoreSlim _making = new(1);
    private string? _made;

    /// <summary>The page itself, which does not need the bundle.</summary>
    public static ReadOnlyMemory<byte> Html { get; } = Read("index.html");

    /// <summary>The folder of the bundled scripts.</summary>
    /// <exception cref="DevNetException">The bundle could not be created; the message says why.</exception>
    public async Task<string> FindOrMakeAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _made) is { } ready) return ready;
        await _making.WaitAsync(cancellationToken);
        try
        {
            return _made ??= await MakeAsync(cancellationToken);
        }
        finally
        {
            _making.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _making.Dispose();

    private async Task<string> MakeAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(ToolsFolder.Root, $"page-{Version()}");
        var scripts = Path.Combine(folder, "dist");
        if (Directory.Exists(folder)) return scripts;
        Directory.CreateDirectory(ToolsFolder.Root);
        using var mine = await FileLock.AcquireAsync(folder + ".lock", cancellationToken);
        if (Directory.Exists(folder)) return scripts;
        progress($"installing the browser SDK from npm into {folder} (once; about 60 MB on disk)");
        var staging = folder + ".staging";
        if (Directory.Exists(staging)) Directory.Delete(staging, recursive: true);
        Directory.CreateDirectory(staging);
        foreach (var source in Sources) await File.WriteAllBytesAsync(Path.Combine(staging, source), Read(source), cancellationToken);
        string? fault;
        await using (new InstallProgress(staging, 60, progress))
        {
            fault = await Npm.RunAsync(
                staging, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cancellationToken)
                ?? await BundleAsync(staging, cancellationToken);
        }

        if (fault is not null) throw new DevNetException($"the browser SDK could not be installed: {fault}");
        Directory.Move(staging, folder);
        progress("installed the browser SDK");
        return scripts;
    }

    private static async Task<string?> BundleAsync(string folder, CancellationToken cancellationToken)
    {
        using var node = Process.Start(
            new ProcessStartInfo("node", ["build.mjs"]) { WorkingDirectory = folder, RedirectStandardError = true })!;
        var errors = await node.StandardError.ReadToEndAsync(cancellationToken);
        await node.WaitForExitAsync(cancellationToken);
        return node.ExitCode == 0 ? null : $"node ended with {node.ExitCode}: {errors.Trim()}";
    }

    private static string Version() => Convert.ToHexStringLower(SHA256.HashData([.. Sources.SelectMany(Read)]))[..12];

    private static byte[] Read(string name)
    {
        using var stream = typeof(PageBundle).Assembly.GetManifestResourceStream(Prefix + name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
