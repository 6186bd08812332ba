using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>The processor time that another process has used, user and kernel together.</summary>
/// <remarks>On Linux .NET reads it from <c>/proc/PID/stat</c>, which moves in steps of 10 ms: measure for seconds.</remarks>
internal sealed class CpuClock(int processId) : IDisposable
{
    private readonly Process process = Process.GetProcessById(processId);

    public TimeSpan Read()
    {
        process.Refresh();
        return process.TotalProcessorTime;
    }

    public void Dispose() => process.Dispose();
}
