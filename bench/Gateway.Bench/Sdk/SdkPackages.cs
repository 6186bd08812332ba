using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>One version of the Node SDK in <c>e2e/package.json</c>.</summary>
/// <param name="Name">The folder in <c>node_modules</c>.</param>
/// <param name="Version">The version of the package.</param>
/// <param name="Node">The range of Node.js that the package asks for.</param>
/// <param name="Bindings">The version of its native bindings.</param>
/// <param name="Glibc">The glibc that the bindings for Linux on x64 ask for.</param>
/// <param name="Fault">Why it does not load on this machine; null when it does.</param>
internal sealed record NodeSdk(string Name, string Version, string Node, string Bindings, string Glibc, string? Fault);

/// <summary>An SDK or command-line client over the Node SDK.</summary>
/// <param name="Name">The package.</param>
/// <param name="Version">Its version.</param>
/// <param name="Node">The range of Node.js that it asks for.</param>
internal sealed record SdkClient(string Name, string Version, string Node);

/// <summary>
/// The SDKs of <c>e2e/package.json</c>, installed from npm once for however many processes, and a Node.js that runs them.
/// </summary>
internal sealed class SdkPackages
{
    /// <summary>The release that people install; a nightly takes its place where it does not load.</summary>
    private const string Release = "@xmtp/node-sdk";

    private const string Nightly = "node-sdk-nightly";
    private const string OldestSdk = "node-sdk-oldest";

    // The scripts choose the SDK with module.registerHooks.
    private static readonly Version MinNode = new(22, 15);

    private SdkPackages(string node, string folder, Installed installed)
    {
        Node = node;
        Folder = folder;
        Sdks = installed.Sdks;
        Clients = installed.Clients;
        Newest = Sdks.Single(sdk => sdk.Name == Release) is { Fault: null } release ? release : Sdks.Single(sdk => sdk.Name == Nightly);
        Oldest = Sdks.Single(sdk => sdk.Name == OldestSdk);
    }

    /// <summary>The Node.js program.</summary>
    public string Node { get; }

    /// <summary>The folder of the scripts.</summary>
    public string Folder { get; }

    /// <summary>Every version of the Node SDK.</summary>
    public IReadOnlyList<NodeSdk> Sdks { get; }

    /// <summary>The agent SDK and the command-line clients.</summary>
    public IReadOnlyList<SdkClient> Clients { get; }

    /// <summary>The release that npm installs, or where it does not load the nightly.</summary>
    public NodeSdk Newest { get; }

    /// <summary>The oldest version that is still tested.</summary>
    public NodeSdk Oldest { get; }

    /// <summary>Which SDK <see cref="Newest"/> is, and why.</summary>
    public string Choice => Sdks.Single(sdk => sdk.Name == Release) is { Fault: { } fault } release
        ? $"{Release} {Newest.Version}, since {release.Version} does not load here: {fault}"
        : $"{Release} {Newest.Version}";

    /// <summary>Installs them where they are not yet.</summary>
    /// <exception cref="InvalidOperationException">npm or Node.js failed; the message says how.</exception>
    public static async Task<SdkPackages> InstallAsync(CancellationToken cancellationToken)
    {
        var folder = Path.Combine(
            ToolsFolder.Repository ?? throw new InvalidOperationException("the scripts are in the repository: run this from a build in it"),
            "e2e");
        var hasNode = await NodeVersionAsync(cancellationToken) >= MinNode;
        await InstallAsync(folder, hasNode, cancellationToken);
        var node = hasNode ? "node" : OwnNode(folder);
        var start = new ProcessStartInfo(node, ["versions.mjs"]) { WorkingDirectory = folder };
        var installed = JsonSerializer.Deserialize<Installed>(await OutputAsync(start, cancellationToken), JsonSerializerOptions.Web)!;
        return new SdkPackages(node, folder, installed);
    }

    /// <summary>How to start a script or a program of <c>e2e</c> on an SDK.</summary>
    /// <param name="sdk">The version of the Node SDK that it gets.</param>
    /// <param name="script">Such as <c>node/conversation.mjs</c>.</param>
    /// <param name="arguments">The arguments of the script.</param>
    public ProcessStartInfo Start(NodeSdk sdk, string script, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Node, ["--import", "./lib/sdk.mjs", script, .. arguments]) { WorkingDirectory = Folder };
        start.Environment["NODE_SDK"] = sdk.Name;
        return start;
    }

    private static async Task InstallAsync(string folder, bool hasNode, CancellationToken cancellationToken)
    {
        // The optional dependencies are Node.js itself.
        string[] omitted = hasNode ? ["--omit=optional"] : [];
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json"), cancellationToken) + string.Concat(omitted);
        Directory.CreateDirectory(ToolsFolder.Root);
        using var mine = await FileLock.AcquireAsync(Path.Combine(ToolsFolder.Root, "e2e.lock"), cancellationToken);
        var mark = Path.Combine(folder, "node_modules", ".installed");
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark, cancellationToken) == wanted) return;
        var fault = await Npm.RunAsync(
            folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", .. omitted], cancellationToken);
        if (fault is not null) throw new InvalidOperationException($"the SDKs could not be installed: {fault}");
        await File.WriteAllTextAsync(mark, wanted, cancellationToken);
    }

    private static async Task<Version> NodeVersionAsync(CancellationToken cancellationToken)
    {
        try
        {
            var version = await OutputAsync(new ProcessStartInfo("node", ["--version"]), cancellationToken);
            return Version.Parse(version.Trim().TrimStart('v'));
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException("Node.js is not on the PATH: https://nodejs.org");
        }
    }

    private static string OwnNode(string folder)
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var processor = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        var package = Path.Combine(folder, "node_modules", $"node-{system}-{processor}", "bin");
        var program = Path.Combine(package, OperatingSystem.IsWindows() ? "node.exe" : "node");
        return File.Exists(program)
            ? program
            : throw new InvalidOperationException(
                $"the SDKs want Node.js {MinNode} or later, and npm has none for this machine: https://nodejs.org");
    }

    private static async Task<string> OutputAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? output
                : throw new InvalidOperationException(
                    $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private sealed record Installed(
        [property: JsonRequired] IReadOnlyList<NodeSdk> Sdks, [property: JsonRequired] IReadOnlyList<SdkClient> Clients);
}
