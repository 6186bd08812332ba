using System.Diagnostics;
using System.Globalization;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Starts a process with another time of day than the rest of the machine, with libfaketime. Its timers and waits are as
/// long as the others'.
/// </summary>
internal static class ChaosClock
{
    private const string Name = "libfaketimeMT.so.1";

    /// <summary>Where libfaketime is; null when it is not installed.</summary>
    public static string? Library { get; } = OperatingSystem.IsLinux() ? Find() : null;

    /// <summary>Lets the process begin with a time of day that is later by so much, or earlier where it is negative.</summary>
    public static void Set(ProcessStartInfo start, TimeSpan offset)
    {
        if (Library is null || offset == TimeSpan.Zero) return;
        start.Environment["LD_PRELOAD"] = Library;
        start.Environment["FAKETIME"] = ((long)offset.TotalSeconds).ToString("+0;-0", CultureInfo.InvariantCulture);
        start.Environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        // Without it, timed waits of .NET's threads end at once.
        start.Environment["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
    }

    /// <summary>Removes the shared memory that libfaketime leaves behind where its process is killed.</summary>
    public static void Clean(int process)
    {
        if (Library is null) return;
        File.Delete($"/dev/shm/faketime_shm_{process}");
        File.Delete($"/dev/shm/sem.faketime_sem_{process}");
    }

    private static string? Find() =>
        new[] { "/usr/lib", "/usr/lib64", "/usr/local/lib" }
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateDirectories(folder).Prepend(folder))
            .Select(folder => Path.Combine(folder, "faketime", Name))
            .FirstOrDefault(File.Exists);
}
