using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>The stock gateway as one program file, for what starts it by its path.</summary>
public static class StockProgram
{
    private const string Name = "xmtp-gateway";

    /// <summary>Its path.</summary>
    public static string Path { get; } =
        System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? Name + ".exe" : Name);

    /// <summary>The variables by which <c>npm/gateway</c> finds it, and by which it finds .NET.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        ["XMTP_GATEWAY_PROGRAM"] = Path,
        ["DOTNET_ROOT"] = System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")),
    };
}
