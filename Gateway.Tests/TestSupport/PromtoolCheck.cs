using System.Diagnostics;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Reads metrics in Prometheus' text form by its own tool.</summary>
internal static class PromtoolCheck
{
    private const int SyntaxError = 1;

    /// <summary>Fails when the tool cannot read the text. It has opinions about names too, which do not count.</summary>
    public static async Task ReadsAsync(string metrics, CancellationToken cancellationToken)
    {
        var tool = await MachineProgram.FindAsync("promtool", "prometheus");
        using var promtool = Process.Start(
            new ProcessStartInfo(tool, ["check", "metrics"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var (lint, errors) = (
            promtool.StandardOutput.ReadToEndAsync(cancellationToken), promtool.StandardError.ReadToEndAsync(cancellationToken));
        await promtool.StandardInput.WriteAsync(metrics.AsMemory(), cancellationToken);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync(cancellationToken);
        Assert.True(promtool.ExitCode != SyntaxError, await errors + await lint);
    }
}
