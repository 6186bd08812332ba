namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>A fault at a time.</summary>
/// <param name="At">When it begins, from the start of the run.</param>
/// <param name="Fault">Its kind.</param>
/// <param name="Target">The number of its target, from 0.</param>
/// <param name="Duration">How long it lasts.</param>
internal sealed record ScheduledFault(TimeSpan At, ChaosFault Fault, int Target, TimeSpan Duration)
{
    public override string ToString() => FormattableString.Invariant(
        $"{At.TotalSeconds,6:F1} s  {Fault.Name} {Target}, {Duration.TotalSeconds:F1} s");
}

/// <summary>The faults of a run, derived from its seed alone.</summary>
internal static class ChaosSchedule
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(3);

    // A gateway or node that was started again gets this long before the next fault of its own.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(6);

    /// <summary>Creates the schedule, one fault after the other.</summary>
    public static IEnumerable<ScheduledFault> Of(ChaosPlan plan)
    {
        var random = new Random(plan.Seed);
        var kinds = ChaosFault.All
            .Where(fault => plan.Faults.Count == 0 || plan.Faults.Contains(fault.Name))
            .Where(fault => fault.OnlyWith is null || fault.OnlyWith == plan.Redis)
            .Where(fault => !fault.NeedsOther || plan.Other is not null)
            .Where(fault => fault.NeededPayers <= plan.Payers && (fault.Target != ChaosTarget.Sender || plan.Senders > 0))
            .ToList();
        if (kinds.Count == 0)
            throw new BenchFailure("--faults: none of these can be injected into this Redis, with these payers, or without --other");
        var busyUntil = new Dictionary<(ChaosTarget Target, int Number), TimeSpan>();
        for (var at = MaxPause; at < plan.MaxDuration; at += MaxPause * (0.2 + (0.8 * random.NextDouble())))
        {
            var fault = kinds[random.Next(kinds.Count)];
            var target = random.Next(fault.Target switch
            {
                ChaosTarget.Gateway => plan.Gateways,
                ChaosTarget.Node => ChaosStage.NodeCount,
                ChaosTarget.Watcher => ChaosStage.WatcherCount,
                ChaosTarget.Sender => plan.Senders,
                _ => 1,
            });
            var duration = fault.Min + ((fault.Max - fault.Min) * random.NextDouble());
            if (busyUntil.GetValueOrDefault((fault.Target, target)) > at) continue;
            busyUntil[(fault.Target, target)] = at + duration + Recovery;
            yield return new ScheduledFault(at, fault, target, duration);
        }
    }
}
