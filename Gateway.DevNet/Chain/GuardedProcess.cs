using System.Diagnostics;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>Starts a program that ends when we end, in whatever way we end: it leaves no process behind.</summary>
/// <remarks>
/// On Unix a small shell stands between: it starts the program, and beside it a watcher that waits for the end of our
/// pipe to its standard input. The system closes that pipe when this process is gone, also after kill -9, and the watcher
/// then ends the program. A parent-death signal would be shorter but follows the thread that started the program, and a
/// pool thread may end long before the process. Where the system has <c>setsid</c> all three are in a session of their own,
/// so that a Ctrl-C in the terminal reaches us first, and a kill of our whole group leaves the watcher to do its work.
/// On Windows the program is ended by <see cref="StopAsync"/> alone.
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

    /// <summary>Ends the program and waits until it is gone.</summary>
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
