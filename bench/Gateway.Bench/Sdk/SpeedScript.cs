using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>What <c>e2e/node/speed.mjs</c> measured.</summary>
/// <param name="Seconds">How long all messages took, one after the other.</param>
/// <param name="Waits">Milliseconds from sending to arrival, a message each.</param>
internal sealed record SpeedRun(double Seconds, IReadOnlyList<double> Waits);

/// <summary>Runs that script, with the SDK installed from npm where it is not yet.</summary>
internal static class SpeedScript
{
    public static async Task<SpeedRun> RunAsync(Uri gateway, int messages, Action measuring, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Repository(), "e2e");
        if (!Directory.Exists(Path.Combine(folder, "node_modules"))
            && await Npm.RunAsync(
                folder, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cancellationToken) is { } fault)
        {
            throw new BenchFailure($"the SDK could not be installed: {fault}");
        }
        using var node = Process.Start(new ProcessStartInfo(
            "node", ["node/speed.mjs", $"{gateway}".TrimEnd('/'), messages.ToString(CultureInfo.InvariantCulture)])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        })!;
        try
        {
            return await ReadAsync(node, measuring, cancellationToken);
        }
        finally
        {
            if (!node.HasExited) node.Kill();
        }
    }

    private static async Task<SpeedRun> ReadAsync(Process node, Action measuring, CancellationToken cancellationToken)
    {
        while (await node.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith('@')) continue;
            var told = JsonElement.Parse(line[1..]);
            var step = told.GetProperty("step").GetString();
            if (step == "measuring") measuring();
            if (step == "failed") throw new BenchFailure(told.GetProperty("error").GetString()!);
            if (step == "measured")
            {
                return new SpeedRun(
                    told.GetProperty("seconds").GetDouble(),
                    [.. told.GetProperty("waits").EnumerateArray().Select(wait => wait.GetDouble())]);
            }
        }

        throw new BenchFailure("the script ended before it had measured");
    }

    private static string Repository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return folder.FullName;
        throw new BenchFailure("the scripts are in the repository: run this from a build in it");
    }
}
