using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>The processor time that another process has used, user and kernel together.</summary>
/// <remarks>
/// On Linux it is the kernel's clock of the process, in nanoseconds. Elsewhere it may move in steps of 10 ms: measure for seconds.
/// </remarks>
internal sealed unsafe partial class CpuClock(int processId) : IDisposable
{
    private readonly Process _process = Process.GetProcessById(processId);

    // The number of a process's clock: that of the process inverted, and in the last three bits the kind that schedulers count.
    private int ClockId => ~processId << 3 | 2;

    public TimeSpan Read()
    {
        var time = stackalloc long[2];
        if (OperatingSystem.IsLinux() && Environment.Is64BitProcess && GetTime(ClockId, time) == 0)
            return TimeSpan.FromTicks(time[0] * TimeSpan.TicksPerSecond + time[1] / TimeSpan.NanosecondsPerTick);
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public void Dispose() => _process.Dispose();

    // Writes seconds and nanoseconds.
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetTime(int clock, long* time);
}
