using System.Text.Json;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>One step of <c>e2e/load/chat.mjs</c>.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Count">How often.</param>
/// <param name="Seconds">How long all of it took.</param>
internal sealed record LoadStep(string Name, int Count, double Seconds);

/// <summary>Runs that script: the load of a chat app.</summary>
internal static class LoadScript
{
    public static async Task<IReadOnlyList<LoadStep>> RunAsync(
        SdkPackages packages, Uri gateway, bool quick, CancellationToken cancellationToken)
    {
        var sizes = quick ? """{"users":5,"groups":2,"messages":40,"members":40,"chunk":20,"renames":10}""" : "{}";
        List<LoadStep> steps = [];
        var start = packages.Start(packages.Newest, "load/chat.mjs", $"{gateway}".TrimEnd('/'), sizes);
        await foreach (var told in SdkRun.StepsAsync(start, cancellationToken))
        {
            if (told.GetProperty("step").GetString() != "measured") continue;
            steps.Add(told.Deserialize<LoadStep>(JsonSerializerOptions.Web)!);
            Console.Error.WriteLine(steps[^1].Name);
        }

        return steps;
    }
}
