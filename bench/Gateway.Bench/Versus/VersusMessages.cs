using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>Messages through both gateways and a bare proxy: few a second, each shape, and at fixed rates to a node with TLS.</summary>
/// <param name="contest">Who puts servers under load in turn.</param>
/// <param name="stage">The gateways.</param>
/// <param name="times">How long.</param>
internal sealed class VersusMessages(Contest contest, VersusStage stage, VersusTimes times)
{
    private const int KiB = 1024;
    private static readonly double[] LightRates = [5, 20];
    private static readonly double[] SteadyRates = [500, 1_000];

    private static readonly (string Name, LoadWindow Window)[] Shapes =
    [
        ("1 × 1", Window(1)),
        ("16 × 1", Window(16)),
        ("64 × 1", Window(64)),
        ("16 × 50", Window(16) with { EnvelopesPerCall = 50 }),
        ("1 × 64 KB", Window(1) with { EnvelopeSize = 64 * KiB }),
    ];

    private readonly Dictionary<int, CurveCost> _curves = [];

    /// <summary>Few messages a second, to the node in plaintext.</summary>
    public async Task<IReadOnlyList<VersusCase>> MeasureLightAsync(ServerUnderTest proxy, CancellationToken cancellationToken)
    {
        List<VersusCase> cases = [];
        foreach (var rate in LightRates)
        {
            var window = Window(0) with { CallsPerSecond = rate, Seconds = times.LightSeconds };
            cases.Add(await MeasureAsync($"{rate:0} a second", window, times.LightRounds, proxy, cancellationToken));
        }

        return cases;
    }

    /// <summary>Each shape to the node in plaintext, then fixed rates to the node with TLS.</summary>
    public async Task<IReadOnlyList<VersusCase>> MeasureAsync(
        ServerUnderTest proxy, ServerUnderTest tlsProxy, CancellationToken cancellationToken)
    {
        await WarmUpAsync(proxy, Window(16) with { EnvelopesPerCall = 50 }, 1, cancellationToken);
        await WarmUpAsync(proxy, Window(64), 3, cancellationToken);
        List<VersusCase> cases = [];
        foreach (var (name, window) in Shapes)
            cases.Add(await MeasureAsync(name, window with { Seconds = times.Seconds }, times.Rounds, proxy, cancellationToken));

        var overTls = Window(0) with { NodeId = PublishRequest.SecondNodeId };
        await WarmUpAsync(tlsProxy, overTls with { Callers = 16 }, 1, cancellationToken);
        foreach (var rate in SteadyRates)
        {
            var window = overTls with { CallsPerSecond = rate, Seconds = times.Seconds };
            cases.Add(await MeasureAsync($"{rate:0}/s, TLS", window, times.Rounds, tlsProxy, cancellationToken));
        }

        return cases;
    }

    private static LoadWindow Window(int callers) => new() { Callers = callers, NodeId = PublishRequest.NodeId, Seconds = 0 };

    // A part of the warm-up, in quarters.
    private async Task WarmUpAsync(ServerUnderTest proxy, LoadWindow window, int quarters, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync("warming up");
        var warmUp = window with { Seconds = times.WarmUpSeconds * quarters / 4 };
        await contest.RunAsync(warmUp, 1, cancellationToken, stage.This.Server, stage.Other.Server, proxy);
    }

    private async Task<VersusCase> MeasureAsync(
        string name, LoadWindow window, int rounds, ServerUnderTest proxy, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync(name);
        var figures = await contest.RunAsync(window, rounds, cancellationToken, stage.This.Server, stage.Other.Server, proxy);
        return new VersusCase(name, CurveOf(window.EnvelopeSize), figures[0], figures[1], figures[2]);
    }

    private CurveCost CurveOf(int size) =>
        _curves.TryGetValue(size, out var known) ? known : _curves[size] = CurveCost.Measure(Stage.Payer, size);
}
