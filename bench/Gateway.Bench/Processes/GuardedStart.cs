using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>
/// Starts of programs that do not read their standard input: they end with the benchmark even if that is killed. Linux only; elsewhere
/// a program is started as it is.
/// </summary>
internal static class GuardedStart
{
    // The shell becomes the program, so that both have one process id. A second one waits for the end of its input, which
    // comes when the benchmark is gone, and kills the first one if that is still its parent.
    private const string Guard = """
        exec 3<&0
        program=$$
        {
          read -r _ <&3
          read -r _ _ _ parent _ </proc/self/stat
          [ "$parent" = "$program" ] && kill -9 "$program"
        } >/dev/null 2>&1 &
        exec "$@" </dev/null 3<&-
        """;

    /// <summary>A start of the program that ends when this process does.</summary>
    public static ProcessStartInfo EndingWithBenchmark(this ProcessStartInfo start)
    {
        if (!OperatingSystem.IsLinux()) return start;
        var guarded = new ProcessStartInfo("/bin/sh", ["-c", Guard, "guard", start.FileName, .. start.ArgumentList])
        {
            WorkingDirectory = start.WorkingDirectory,
        };
        guarded.Environment.Clear();
        foreach (var (name, value) in start.Environment) guarded.Environment[name] = value;
        return guarded;
    }
}
