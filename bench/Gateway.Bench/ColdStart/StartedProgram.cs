using System.Diagnostics;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.ColdStart;

/// <summary>A build of the gateway that is started again and again.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Path">Its assembly, which dotnet runs, or a program.</param>
internal sealed record StartedProgram(string Name, string Path)
{
    /// <summary>The build beside this program: nothing of it is compiled in advance.</summary>
    public static StartedProgram Own { get; } = new("this build", DotnetProgram.GatewayPath);

    /// <summary>The size of the program, or of the folder that it was published to; null where other things are in it.</summary>
    public long? Bytes => this == Own ? null : DotnetProgram.IsAssembly(Path)
        ? new DirectoryInfo(System.IO.Path.GetDirectoryName(Path)!).EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(file => file.Length)
        : new FileInfo(Path).Length;

    /// <summary>Reads NAME=PROGRAM.</summary>
    /// <exception cref="BenchFailure">There is no such file.</exception>
    public static StartedProgram Parse(string text)
    {
        var (name, path) = text.Split('=', 2) is [var first, var second] ? (first, second) : (System.IO.Path.GetFileName(text), text);
        return File.Exists(path) ? new(name, System.IO.Path.GetFullPath(path)) : throw new BenchFailure($"start: there is no file {path}");
    }

    /// <summary>How it is started with these flags.</summary>
    public ProcessStartInfo With(string[] flags) => DotnetProgram.Gateway(Path, flags);
}
