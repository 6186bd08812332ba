using System.ComponentModel;
using System.Diagnostics;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>Runs npm with the user's configuration.</summary>
public static class Npm
{
    /// <summary>Runs a command and waits for it to exit.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="arguments">Such as <c>ci</c>.</param>
    /// <param name="cancellationToken">Kills the command and its child processes.</param>
    /// <returns>Null on success, else the error in a few lines.</returns>
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
