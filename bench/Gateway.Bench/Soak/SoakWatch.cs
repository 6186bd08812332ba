using System.Diagnostics;
using System.Net.Sockets;
using Xmtp.Gateway.Bench.Chaos;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;

namespace Xmtp.Gateway.Bench.Soak;

/// <summary>Measures gateways at the end of each window.</summary>
/// <param name="stage">The gateways.</param>
/// <param name="plan">The windows.</param>
internal sealed class SoakWatch(ChaosStage stage, SoakPlan plan)
{
    // Long enough for a median that no single collection decides. The one fault in it changes no memory.
    private const double MeasuredPart = 0.2;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private readonly LatencyHistogram[] _times = [.. Enumerable.Range(0, plan.Windows).Select(_ => new LatencyHistogram())];
    private readonly LatencyHistogram[] _steady = [.. Enumerable.Range(0, plan.Windows).Select(_ => new LatencyHistogram())];
    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>Adds a message to the window in which it was sent.</summary>
    public void Add(long sent, TimeSpan took)
    {
        var at = Stopwatch.GetElapsedTime(_began, sent);
        var window = (int)(at / plan.Window);
        if (window >= _times.Length) return;
        _times[window].Add(took);
        if (SoakFaults.IsFarFrom(at, plan)) _steady[window].Add(took);
    }

    /// <summary>Measures until the last window is over.</summary>
    public async Task<IReadOnlyList<SoakWindow>> RunAsync(CancellationToken cancellationToken)
    {
        List<SoakWindow> windows = [];
        for (var i = 0; i < plan.Windows; i++)
        {
            var end = plan.Window * (i + 1);
            await UntilAsync(end - (plan.Window * MeasuredPart), cancellationToken);
            var seen = stage.Gateways.Select(_ => new List<ProcessFigures>()).ToList();
            do
            {
                for (var number = 0; number < seen.Count; number++)
                    if (stage.Gateways[number].Id is { } id && ProcessFigures.Read(id) is { } figures) seen[number].Add(figures);
                await ChaosFault.WaitAsync(Every, cancellationToken);
            }
            while (Stopwatch.GetElapsedTime(_began) < end);

            List<SoakMemory> gateways = [];
            for (var number = 0; number < seen.Count; number++)
            {
                gateways.Add(new SoakMemory(await HeapAsync(number, cancellationToken), ProcessFigures.Median(seen[number])));
            }

            windows.Add(new SoakWindow(_times[i], _steady[i], gateways));
        }

        return windows;
    }

    private async Task<long> HeapAsync(int number, CancellationToken cancellationToken)
    {
        try
        {
            return await AllocationReader.ReadHeapAsync(stage.MemoryPorts[number], cancellationToken);
        }
        catch (SocketException)
        {
            throw new BenchFailure($"gateway {number} does not run at the end of its part:\n{stage.Gateways[number].LastLines}");
        }
    }

    private async Task UntilAsync(TimeSpan at, CancellationToken cancellationToken)
    {
        var wait = at - Stopwatch.GetElapsedTime(_began);
        if (wait > TimeSpan.Zero) await ChaosFault.WaitAsync(wait, cancellationToken);
    }
}
