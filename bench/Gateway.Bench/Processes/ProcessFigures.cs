using System.Globalization;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>What the system says of a process. Linux only.</summary>
/// <param name="ResidentBytes">Its memory in RAM.</param>
/// <param name="Handles">Its open files, sockets and other handles.</param>
/// <param name="Sockets">Those of them that are sockets.</param>
internal sealed record ProcessFigures(long ResidentBytes, int Handles, int Sockets)
{
    private const int Kilobyte = 1024;

    /// <summary>Reads them; null where the process has ended.</summary>
    public static ProcessFigures? Read(int process)
    {
        try
        {
            var resident = File.ReadLines($"/proc/{process}/status")
                .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
                .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
            var handles = new DirectoryInfo($"/proc/{process}/fd").GetFileSystemInfos();
            return new ProcessFigures(
                long.Parse(resident, CultureInfo.InvariantCulture) * Kilobyte, handles.Length, handles.Count(IsSocket));
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The medians of several readings.</summary>
    public static ProcessFigures Median(IReadOnlyCollection<ProcessFigures> all) => new(
        Median(all.Select(one => one.ResidentBytes)), Median(all.Select(one => one.Handles)), Median(all.Select(one => one.Sockets)));

    private static T Median<T>(IEnumerable<T> values) => values.Order().ToList() is { Count: > 0 } sorted
        ? sorted[sorted.Count / 2]
        : throw new BenchFailure("a process that is measured has ended");

    // A handle may be closed meanwhile.
    private static bool IsSocket(FileSystemInfo handle)
    {
        try
        {
            return handle.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
