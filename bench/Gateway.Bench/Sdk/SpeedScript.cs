using System.Globalization;
using System.Text.Json;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>What <c>e2e/node/speed.mjs</c> measured.</summary>
/// <param name="Seconds">How long all messages took, one after the other.</param>
/// <param name="Waits">Milliseconds from sending to arrival, a message each.</param>
internal sealed record SpeedRun(double Seconds, IReadOnlyList<double> Waits);

/// <summary>Runs that script.</summary>
internal static class SpeedScript
{
    public static async Task<SpeedRun> RunAsync(
        SdkPackages packages, Uri gateway, int messages, Action measuring, CancellationToken cancellationToken)
    {
        SpeedRun? run = null;
        var start = packages.Start(
            packages.Newest, "node/speed.mjs", $"{gateway}".TrimEnd('/'), messages.ToString(CultureInfo.InvariantCulture));
        await foreach (var told in SdkRun.StepsAsync(start, cancellationToken))
        {
            var step = told.GetProperty("step").GetString();
            if (step == "measuring") measuring();
            if (step == "measured") run = told.Deserialize<SpeedRun>(JsonSerializerOptions.Web);
        }

        return run ?? throw new BenchFailure("the script ended before it had measured");
    }
}
