using System.Globalization;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>Everything that <c>sdk</c> measured; with <c>--json</c> it is printed as it is.</summary>
/// <param name="Sdk">The SDK, with its version.</param>
/// <param name="Messages">How many, one after the other.</param>
/// <param name="MessagesPerSecond">In one conversation, each sent when the last has arrived.</param>
/// <param name="P50Milliseconds">From sending to arrival, half of them.</param>
/// <param name="P99Milliseconds">The same, all but one in a hundred.</param>
/// <param name="GatewayP50Milliseconds">The gateway's own time, from its traces, without the node's.</param>
/// <param name="GatewayP99Milliseconds">The same, all but one in a hundred.</param>
/// <param name="Share">The gateway's p50 in the message's p50.</param>
/// <param name="Load">The load of a chat app, step by step.</param>
internal sealed record SdkReport(
    string Sdk,
    int Messages,
    double MessagesPerSecond,
    double P50Milliseconds,
    double P99Milliseconds,
    double GatewayP50Milliseconds,
    double GatewayP99Milliseconds,
    double Share,
    IReadOnlyList<LoadStep> Load)
{
    public static SdkReport Of(string sdk, SpeedRun run, IReadOnlyList<double> gateway, IReadOnlyList<LoadStep> load)
    {
        if (gateway.Count == 0) throw new BenchFailure("the gateway traced no publish");
        var (waits, own) = (run.Waits.Order().ToList(), gateway.Order().ToList());
        return new SdkReport(
            sdk,
            waits.Count,
            waits.Count / run.Seconds,
            At(waits, 50),
            At(waits, 99),
            At(own, 50),
            At(own, 99),
            At(own, 50) / At(waits, 50),
            load);
    }

    public string ToTable() => string.Create(CultureInfo.InvariantCulture, $"""
        {Sdk}

        | {Messages} messages, one after the other | p50 ms | p99 ms |
        | --- | ---: | ---: |
        | from sending to arrival | {P50Milliseconds:F2} | {P99Milliseconds:F2} |
        | of it the gateway itself | {GatewayP50Milliseconds:F2} | {GatewayP99Milliseconds:F2} |

        {MessagesPerSecond:F0} messages/s
        share {Share:F3} = gateway / message at p50 (aim: below 0.1)

        | load of a chat app | count | seconds |
        | --- | ---: | ---: |
        {string.Join('\n', Load.Select(step => string.Create(
            CultureInfo.InvariantCulture, $"| {step.Name} | {step.Count} | {step.Seconds:F1} |")))}
        """);

    private static double At(List<double> sorted, int percent) => sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];
}
