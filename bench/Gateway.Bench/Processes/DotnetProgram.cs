using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>Start infos for programs that lie beside this one.</summary>
internal static class DotnetProgram
{
    private static readonly string Here = AppContext.BaseDirectory;

    /// <summary>The <c>dotnet</c> that runs this process: three folders above the shared framework.</summary>
    private static readonly string Host = Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>The gateway that is measured: the program in XMTP_GATEWAY_PROGRAM, else the one that was built with this program.</summary>
    public static string GatewayPath { get; } =
        Environment.GetEnvironmentVariable("XMTP_GATEWAY_PROGRAM") is { Length: > 0 } path
            ? Path.GetFullPath(path)
            : Path.Combine(Here, "xmtp-gateway.dll");

    /// <summary>The watcher that was built with this program.</summary>
    public static string WatcherPath { get; } = Path.Combine(Here, "xmtp-chain-watcher.dll");

    /// <summary>A gateway, or a watcher.</summary>
    /// <param name="path">Its assembly, which dotnet runs, or its program.</param>
    /// <param name="args">Its flags.</param>
    public static ProcessStartInfo Gateway(string path, params string[] args) =>
        IsAssembly(path)
            ? new(Host, ["exec", path, .. args]) { WorkingDirectory = Path.GetDirectoryName(path)! }
            : new(path, args) { WorkingDirectory = Path.GetDirectoryName(path)! };

    /// <summary>Whether dotnet runs it; else it is a program.</summary>
    public static bool IsAssembly(string path) => path.EndsWith(".dll", StringComparison.Ordinal);

    /// <summary>A command of this program, with the gateway's runtime settings: the same garbage collector and JIT.</summary>
    public static ProcessStartInfo LikeGateway(params string[] args) => new(
        Host,
        [
            "exec",
            "--runtimeconfig", Path.Combine(Here, "xmtp-gateway.runtimeconfig.json"),
            "--depsfile", Path.Combine(Here, "Gateway.Bench.deps.json"),
            Path.Combine(Here, "Gateway.Bench.dll"),
            .. args,
        ]);

    /// <summary>A command of this program.</summary>
    public static ProcessStartInfo Bench(params string[] args) => new(Host, ["exec", Path.Combine(Here, "Gateway.Bench.dll"), .. args]);

    /// <summary>Leaves the processors to everything else, where the program <c>nice</c> is there to do it.</summary>
    public static ProcessStartInfo WithLowestPriority(this ProcessStartInfo start) =>
        OperatingSystem.IsWindows() ? start : new("nice", ["-n", "19", start.FileName, .. start.ArgumentList]);

    /// <summary>Lets the program tell on a port what it has allocated.</summary>
    public static ProcessStartInfo WithAllocationPort(this ProcessStartInfo start, int port)
    {
        start.Environment["DOTNET_STARTUP_HOOKS"] = Path.Combine(Here, "Gateway.Bench.dll");
        start.Environment[StartupHook.PortVariable] = port.ToString(CultureInfo.InvariantCulture);
        return start;
    }
}
