using System.Diagnostics;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>Starts a program that ends when this process ends, however it ends: no process is left behind.</summary>
/// <remarks>
/// On Unix a small shell runs in between: it starts the program and a watcher, which waits for this process's pipe to
/// its standard input to close. The operating system closes that pipe when this process ends, even after kill -9, and
/// the watcher then kills the program. A parent-death signal would be shorter but follows the thread that started the
/// program, and a pool thread may end long before the process. If the system has <c>setsid</c>, all three are in a
/// session of their own, so that a Ctrl-C in the terminal reaches this process first, and a kill of its process group
/// does not hit the watcher. On Windows only <see cref="StopAsync"/> ends the program.
/// </remarks>
internal static class GuardedProcess
{
    private const string NewSession = "/usr/bin/setsid";

    private const string Guard = """
        exec 3<&0
        "$@" </dev/null 3<&- &
        program=$!
        { read -r _ <&3; kill "$program"; } >/dev/null 2>&1 &
        watcher=$!
        trap '' INT
        wait "$program"
        status=$?
        kill "$watcher" 2>/dev/null
        exit "$status"
        """;

    public static Process Start(string program, IEnumerable<string> arguments)
    {
        string[] guarded = ["/bin/sh", "-c", Guard, "guard", program, .. arguments];
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo(program, arguments)
            : File.Exists(NewSession) ? new ProcessStartInfo(NewSession, guarded)
            : new ProcessStartInfo(guarded[0], guarded[1..]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    /// <summary>Stops the program and waits for it to exit.</summary>
    public static async Task StopAsync(Process process)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            if (OperatingSystem.IsWindows()) process.Kill(entireProcessTree: true);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }
}
