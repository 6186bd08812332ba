using System.Diagnostics;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// A program that tests run and this machine may lack. Where that is allowed (root on a Debian) its package is
/// installed at first need; elsewhere the test fails with the command that installs it.
/// </summary>
public static class MachineProgram
{
    private static readonly SemaphoreSlim OneAtATime = new(1);
    private static readonly TimeSpan MaxInstall = TimeSpan.FromMinutes(10);

    /// <summary>The program's path.</summary>
    public static async Task<string> FindAsync(string program, string package)
    {
        var path = await FindOrInstallAsync(program, package);
        Assert.True(path is not null, $"this test runs {program}; install it with: apt-get install {package}");
        return path;
    }

    /// <summary>The program's path; null where it is missing and cannot be installed.</summary>
    public static async Task<string?> FindOrInstallAsync(string program, string package)
    {
        if (Find(program) is { } there) return there;
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || Find("apt-get") is not { } apt) return null;
        await OneAtATime.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (Find(program) is { } installed) return installed;
            await RunAsync(apt, "update", "-qq");
            await RunAsync(apt, "install", "-y", "-qq", "--no-install-recommends", package);
            return Find(program);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static string? Find(
        string program) => (Environment.GetEnvironmentVariable("PATH")
            ?? "").Split(Path.PathSeparator).Append("/usr/bin").Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static async Task RunAsync(string apt, params string[] arguments) =>
        await TestProcess.RunAsync(
            new ProcessStartInfo(apt, arguments) { Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" } }, MaxInstall);
}
