namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Meters in this process. Full buckets and ended windows are forgotten, so its size follows who was here lately.</summary>
/// <remarks>Thread-safe by one lock: a publish holds it for well below a microsecond.</remarks>
internal sealed class MemoryMeterStore(TimeProvider time) : IMeterStore
{
    private const int FewestBeforeSweep = 1024;
    private readonly Lock guard = new();
    private readonly Dictionary<string, State> states = new(StringComparer.Ordinal);
    private int sweepAt = FewestBeforeSweep;

    /// <summary>How many meters are remembered.</summary>
    internal int Count => states.Count;

    public ValueTask<MeterAnswer> TakeAsync(IReadOnlyList<MeterCharge> charges, CancellationToken cancellationToken)
    {
        lock (guard) return ValueTask.FromResult(Take(charges, time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    public ValueTask<bool> GiveBackAsync(IReadOnlyList<MeterCharge> charges, long takenAt)
    {
        lock (guard)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var charge in charges) GiveBack(charge, takenAt, now);
        }

        return ValueTask.FromResult(true);
    }

    public ValueTask<bool> CorrectAsync(IReadOnlyList<MeterCharge> corrections, CancellationToken cancellationToken) =>
        ChangeSums(corrections, (used, cost) => (long)Int128.Clamp((Int128)used + cost, 0, long.MaxValue));

    public ValueTask<bool> RaiseAsync(IReadOnlyList<MeterCharge> atLeast, CancellationToken cancellationToken) => ChangeSums(atLeast, Math.Max);

    private ValueTask<bool> ChangeSums(IReadOnlyList<MeterCharge> charges, Func<long, long, long> change)
    {
        lock (guard)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var charge in charges)
                if (charge.Meter is Purse purse)
                    states[charge.Key] = new State(change(Used(purse, charge.Key, now), charge.Cost), CalendarWindow.End(purse.Per, now));
        }

        return ValueTask.FromResult(true);
    }

    private MeterAnswer Take(IReadOnlyList<MeterCharge> charges, long now)
    {
        var (over, longest) = (-1, 0L);
        for (var i = 0; i < charges.Count; i++)
        {
            var wait = WaitFor(charges[i], now);
            if (wait > longest) (over, longest) = (i, wait);
        }

        if (over >= 0) return new MeterAnswer(MeterVerdict.Over, over, TimeSpan.FromMilliseconds(longest));
        for (var i = 0; i < charges.Count; i++) Take(charges[i], now);
        if (states.Count >= sweepAt) Sweep(now);
        return MeterAnswer.Taken(this, now);
    }

    // 0 when it fits.
    private long WaitFor(MeterCharge charge, long now)
    {
        if (charge.Meter is Purse purse)
            return Used(purse, charge.Key, now) <= purse.Capacity - charge.Cost ? 0 : CalendarWindow.End(purse.Per, now) - now;
        var bucket = (Bucket)charge.Meter;
        var missing = (charge.Cost * bucket.Period) - Level(bucket, charge.Key, now);
        return missing <= 0 ? 0 : (missing + bucket.Refill - 1) / bucket.Refill;
    }

    private void Take(MeterCharge charge, long now)
    {
        if (charge.Meter is Purse purse)
        {
            states[charge.Key] = new State(Used(purse, charge.Key, now) + charge.Cost, CalendarWindow.End(purse.Per, now));
            return;
        }

        var bucket = (Bucket)charge.Meter;
        SetLevel(bucket, charge.Key, Level(bucket, charge.Key, now) - (charge.Cost * bucket.Period), now);
    }

    private void GiveBack(MeterCharge charge, long takenAt, long now)
    {
        if (!states.TryGetValue(charge.Key, out var state) || state.Ends <= now) return;
        if (charge.Meter is Purse purse)
        {
            if (CalendarWindow.End(purse.Per, takenAt) != CalendarWindow.End(purse.Per, now)) return;
            states[charge.Key] = state with { Value = Math.Max(0, state.Value - charge.Cost) };
            return;
        }

        var bucket = (Bucket)charge.Meter;
        var level = Int128.Min(bucket.Capacity * bucket.Period, (Int128)Level(bucket, charge.Key, now) + (charge.Cost * bucket.Period));
        SetLevel(bucket, charge.Key, (long)level, now);
    }

    private void SetLevel(Bucket bucket, string key, long level, long now)
    {
        var full = now + (((bucket.Capacity * bucket.Period) - level + bucket.Refill - 1) / bucket.Refill);
        states[key] = new State(level, full, now);
    }

    // A bucket's level is counted in thousandths of its period, so that refilling needs no fractions.
    private long Level(Bucket bucket, string key, long now)
    {
        var capacity = bucket.Capacity * bucket.Period;
        if (!states.TryGetValue(key, out var state) || state.Ends <= now) return capacity;
        return (long)Int128.Min(capacity, state.Value + ((Int128)Math.Max(0, now - state.At) * bucket.Refill));
    }

    private long Used(Purse purse, string key, long now) => states.TryGetValue(key, out var state) && state.Ends > now ? state.Value : 0;

    private void Sweep(long now)
    {
        foreach (var (key, state) in states)
            if (state.Ends <= now)
                states.Remove(key);
        sweepAt = Math.Max(FewestBeforeSweep, states.Count * 2);
    }

    /// <param name="Value">A bucket's level, or what a window has used.</param>
    /// <param name="Ends">When the bucket is full, or the window over: from then on it is as if it never was.</param>
    /// <param name="At">When the level was that.</param>
    private readonly record struct State(long Value, long Ends, long At = 0);
}
