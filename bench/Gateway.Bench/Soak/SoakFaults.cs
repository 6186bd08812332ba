using Xmtp.Gateway.Bench.Chaos;

namespace Xmtp.Gateway.Bench.Soak;

/// <summary>The faults of a long run: the same in each window, so that windows can be compared.</summary>
internal static class SoakFaults
{
    // In five minutes about one of a hundred messages waits for the end of one: the p99 of all messages is theirs, or not, by chance.
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(0.5);
    private static readonly ChaosFault[] Cycle =
    [
        Named("redis-pause"), Named("redis-replaced"), Node("node-kill"), Named("gateway-kill"), Named("rpc-unavailable"),
    ];

    /// <summary>Injects them in turn, each in the midst of its part of a window, until all windows are over.</summary>
    /// <param name="stage">What they are injected into; of the gateways only the last.</param>
    /// <param name="plan">The windows.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Their number.</returns>
    public static async Task<int> InjectAsync(ChaosStage stage, SoakPlan plan, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var count = plan.Windows * Cycle.Length;
        for (var i = 0; i < count; i++)
        {
            var at = plan.Window * ((i + 0.5) / Cycle.Length);
            var wait = at - TimeProvider.System.GetElapsedTime(began);
            if (wait > TimeSpan.Zero) await ChaosFault.WaitAsync(wait, cancellationToken);
            var fault = Cycle[i % Cycle.Length];
            var target = fault.Target switch
            {
                ChaosTarget.Gateway => plan.Gateways - 1,
                ChaosTarget.Node => i / Cycle.Length % stage.PlainNodes.Count,
                _ => 0,
            };
            await Console.Error.WriteLineAsync($"{new ScheduledFault(at, fault, target, Duration)}");
            await fault.RunAsync(stage, target, Duration, cancellationToken);
        }

        return count;
    }

    /// <summary>Whether an instant is in the half of a fault's part before it: in a long run half a minute after the last.</summary>
    /// <param name="at">The time since the start.</param>
    /// <param name="plan">The windows.</param>
    public static bool IsFarFrom(TimeSpan at, SoakPlan plan) => at / (plan.Window / Cycle.Length) % 1 < 0.5;

    private static ChaosFault Named(string name) => ChaosFault.All.Single(fault => fault.Name == name);

    private static ChaosFault Node(string name) =>
        ChaosFault.OfProcess("node", ChaosTarget.Node, stage => stage.PlainNodes).Single(fault => fault.Name == name);
}
