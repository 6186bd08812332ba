using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>The process' own figures, under the names that Prometheus' client libraries give them.</summary>
/// <remarks>The counts of file descriptors are read from <c>/proc</c>, and are absent on other systems than Linux.</remarks>
internal sealed class ProcessMetrics
{
    /// <summary>The name of the meter.</summary>
    internal const string MeterName = "Xmtp.Gateway.Process";

    private const string Descriptors = "/proc/self/fd";
    private const string Limits = "/proc/self/limits";
    private const string MaxOpenFiles = "Max open files";

    public ProcessMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        double started;
        using (var process = Process.GetCurrentProcess())
            started = (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
        meter.CreateObservableCounter(
            "process_cpu_seconds_total",
            () => Environment.CpuUsage.TotalTime.TotalSeconds,
            description: "Processor time of the process, user and system");
        meter.CreateObservableGauge(
            "process_resident_memory_bytes", () => Environment.WorkingSet, description: "Resident memory of the process");
        meter.CreateObservableGauge("process_virtual_memory_bytes", VirtualMemory, description: "Virtual memory of the process");
        meter.CreateObservableGauge(
            "process_start_time_seconds", () => started, description: "When the process started, in seconds since 1970");
        if (!OperatingSystem.IsLinux()) return;
        meter.CreateObservableGauge("process_open_fds", OpenDescriptors, description: "Open file descriptors of the process");
        meter.CreateObservableGauge("process_max_fds", MaxDescriptors, description: "Max open file descriptors of the process");
    }

    private static long VirtualMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.VirtualMemorySize64;
    }

    private static IEnumerable<Measurement<long>> OpenDescriptors()
    {
        try
        {
            return [new(Directory.EnumerateFileSystemEntries(Descriptors).LongCount())];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // Max open files            1024                 524288               files
    private static IEnumerable<Measurement<double>> MaxDescriptors()
    {
        try
        {
            var soft = File.ReadLines(Limits)
                .First(line => line.StartsWith(MaxOpenFiles, StringComparison.Ordinal))[MaxOpenFiles.Length..]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
            return [new(soft == "unlimited" ? double.PositiveInfinity : double.Parse(soft, CultureInfo.InvariantCulture))];
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            return [];
        }
    }
}
