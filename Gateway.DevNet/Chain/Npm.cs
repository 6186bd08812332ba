using System.ComponentModel;
using System.Diagnostics;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>Runs npm, as the user has set it up.</summary>
public static class Npm
{
    /// <summary>Runs one command to its end.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="arguments">Such as <c>ci</c>.</param>
    /// <param name="cancellationToken">Ends it, and what it started.</param>
    /// <returns>Null when it went well, else why not, in one line or few.</returns>
    public static async Task<string?> RunAsync(string folder, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        try
        {
            using var npm = Process.Start(start)!;
            return await WaitAsync(npm, cancellationToken);
        }
        catch (Win32Exception)
        {
            return "npm, which comes with Node.js, is not on the PATH";
        }
    }

    private static async Task<string?> WaitAsync(Process npm, CancellationToken cancellationToken)
    {
        try
        {
            var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = await npm.StandardError.ReadToEndAsync(cancellationToken);
            await output;
            await npm.WaitForExitAsync(cancellationToken);
            return npm.ExitCode == 0 ? null : $"npm ended with {npm.ExitCode}: {errors.Trim()}";
        }
        catch (OperationCanceledException)
        {
            npm.Kill(entireProcessTree: true);
            throw;
        }
    }
}
