using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>The processor time that another process has used, user and kernel together.</summary>
/// <remarks>On Linux .NET reads it from <c>/proc/PID/stat</c>, which moves in steps of 10 ms: measure for seconds.</remarks>
internal sealed class CpuClock(int processId) : IDisposable
{
    private readonly Process _process = Process.GetProcessById(processId);

    public TimeSpan Read()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    public void Dispose() => _process.Dispose();
}
