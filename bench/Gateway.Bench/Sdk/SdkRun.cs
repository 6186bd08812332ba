using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>Runs a script of <c>e2e</c> and reads the steps that it reports, one JSON object a line.</summary>
internal static class SdkRun
{
    /// <summary>The steps, up to <c>done</c>.</summary>
    /// <exception cref="BenchFailure">The script failed, or ended before it was done.</exception>
    public static async IAsyncEnumerable<JsonElement> StepsAsync(
        ProcessStartInfo start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = true;
        using var script = Process.Start(start)!;
        try
        {
            while (await script.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                if (!line.StartsWith('@')) continue;
                var told = JsonElement.Parse(line[1..]);
                var step = told.GetProperty("step").GetString();
                if (step == "failed") throw new BenchFailure(told.GetProperty("error").GetString()!);
                if (step == "done") yield break;
                yield return told;
            }

            throw new BenchFailure("the script ended before it was done");
        }
        finally
        {
            if (!script.HasExited) script.Kill(entireProcessTree: true);
        }
    }
}
