using System.Diagnostics;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>A gateway's program. It is configured by environment variables alone, those of the original's gateway.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Path">The program; a <c>.dll</c> is run by <c>dotnet</c>.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="PayerKey">The key of its wallet: programs on one chain must not share one.</param>
/// <param name="UsesRedis">Whether it gets a Redis.</param>
internal sealed record GatewayProgram(string Name, string Path, IReadOnlyList<string> Arguments, string PayerKey, bool UsesRedis)
{
    private const string Prefix = "XMTPD_";

    /// <summary>Its start with these variables, and with no other one of a gateway.</summary>
    public ProcessStartInfo Start(IReadOnlyDictionary<string, string> variables)
    {
        var path = File.Exists(Path) ? System.IO.Path.GetFullPath(Path) : Path;
        var start = DotnetProgram.IsAssembly(path)
            ? DotnetProgram.Gateway(path, [.. Arguments])
            : new ProcessStartInfo(path, Arguments);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in variables) start.Environment[name] = value;
        return start.EndingWithBenchmark();
    }
}
