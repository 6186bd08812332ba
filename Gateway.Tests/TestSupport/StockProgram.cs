using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// The stock gateway: the program in XMTP_GATEWAY_PROGRAM, such as the native one of the image, else that of this build.
/// </summary>
public static class StockProgram
{
    private const string Name = "xmtp-gateway";
    private const string Variable = "XMTP_GATEWAY_PROGRAM";
    private static readonly string? Other = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path
        ? System.IO.Path.GetFullPath(path)
        : null;

    /// <summary>Its path as one program file, for what starts it by that.</summary>
    public static string Path { get; } =
        Other ?? System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? Name + ".exe" : Name);

    /// <summary>What starts it: a program, and the arguments before its own.</summary>
    public static IReadOnlyList<string> Command { get; } =
        Other is null ? ["dotnet", System.IO.Path.Combine(AppContext.BaseDirectory, Name + ".dll")] : [Other];

    /// <summary>The variables by which <c>npm/gateway</c> finds it, and by which it finds .NET.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        [Variable] = Path,
        ["DOTNET_ROOT"] = System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
    };

    /// <summary>Its start with arguments.</summary>
    public static ProcessStartInfo Start(params IEnumerable<string> args) => new(Command[0], [.. Command.Skip(1), .. args]);
}
