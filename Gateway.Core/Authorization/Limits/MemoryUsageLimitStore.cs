namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// Limits in the memory of this process. Full buckets and ended windows are removed, so its size follows the recent callers.
/// </summary>
/// <remarks>Thread-safe by one lock, which a publish holds for well below a microsecond.</remarks>
internal sealed class MemoryUsageLimitStore(TimeProvider time) : IUsageLimitStore
{
    private const int MinBeforeSweep = 1024;
    private readonly Lock _guard = new();
    private readonly Dictionary<string, State> _states = new(StringComparer.Ordinal);
    private int _sweepAt = MinBeforeSweep;

    /// <summary>The number of limits in memory.</summary>
    internal int Count => _states.Count;

    public ValueTask<UsageLimitResult> TakeAsync(IReadOnlyList<UsageLimitCharge> charges, CancellationToken cancellationToken)
    {
        lock (_guard) return ValueTask.FromResult(Take(charges, time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    public ValueTask<bool> RefundAsync(IReadOnlyList<UsageLimitCharge> charges, long takenAt)
    {
        lock (_guard)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var charge in charges) Refund(charge, takenAt, now);
        }

        return ValueTask.FromResult(true);
    }

    public ValueTask<bool> CorrectAsync(IReadOnlyList<UsageLimitCharge> corrections, CancellationToken cancellationToken) =>
        ChangeSums(corrections, (used, cost) => (long)Int128.Clamp((Int128)used + cost, 0, long.MaxValue));

    public ValueTask<bool> RaiseAsync(IReadOnlyList<UsageLimitCharge> atLeast, CancellationToken cancellationToken) =>
        ChangeSums(atLeast, Math.Max);

    public ValueTask<IReadOnlyList<long>?> ReadSumsAsync(
        IReadOnlyList<(SpendCounter Budget, string Key)> budgets, CancellationToken cancellationToken)
    {
        lock (_guard)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            return ValueTask.FromResult<IReadOnlyList<long>?>([.. budgets.Select(one => Used(one.Budget, one.Key, now))]);
        }
    }

    private ValueTask<bool> ChangeSums(IReadOnlyList<UsageLimitCharge> charges, Func<long, long, long> change)
    {
        lock (_guard)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var charge in charges)
                if (charge.Limit is SpendCounter counter)
                {
                    _states[charge.Key] = new State(
                        change(Used(counter, charge.Key, now), charge.Cost), CalendarWindow.End(counter.Per, now));
                }
        }

        return ValueTask.FromResult(true);
    }

    private UsageLimitResult Take(IReadOnlyList<UsageLimitCharge> charges, long now)
    {
        var (over, longest) = (-1, 0L);
        for (var i = 0; i < charges.Count; i++)
        {
            var wait = WaitFor(charges[i], now);
            if (wait > longest) (over, longest) = (i, wait);
        }

        if (over >= 0) return new UsageLimitResult(UsageLimitOutcome.Over, over, TimeSpan.FromMilliseconds(longest));
        for (var i = 0; i < charges.Count; i++) Take(charges[i], now);
        if (_states.Count >= _sweepAt) Sweep(now);
        return UsageLimitResult.Taken(this, now);
    }

    // 0 when the charge fits.
    private long WaitFor(UsageLimitCharge charge, long now)
    {
        if (charge.Limit is SpendCounter counter)
            return Used(counter, charge.Key, now) <= counter.Capacity - charge.Cost ? 0 : CalendarWindow.End(counter.Per, now) - now;
        var bucket = (TokenBucket)charge.Limit;
        var missing = (charge.Cost * bucket.Period) - Level(bucket, charge.Key, now);
        return missing <= 0 ? 0 : (missing + bucket.Refill - 1) / bucket.Refill;
    }

    private void Take(UsageLimitCharge charge, long now)
    {
        if (charge.Limit is SpendCounter counter)
        {
            _states[charge.Key] = new State(Used(counter, charge.Key, now) + charge.Cost, CalendarWindow.End(counter.Per, now));
            return;
        }

        var bucket = (TokenBucket)charge.Limit;
        SetLevel(bucket, charge.Key, Level(bucket, charge.Key, now) - (charge.Cost * bucket.Period), now);
    }

    private void Refund(UsageLimitCharge charge, long takenAt, long now)
    {
        if (!_states.TryGetValue(charge.Key, out var state) || state.Ends <= now) return;
        if (charge.Limit is SpendCounter counter)
        {
            if (CalendarWindow.End(counter.Per, takenAt) != CalendarWindow.End(counter.Per, now)) return;
            _states[charge.Key] = state with { Value = Math.Max(0, state.Value - charge.Cost) };
            return;
        }

        var bucket = (TokenBucket)charge.Limit;
        var level = Int128.Min(bucket.Capacity * bucket.Period, (Int128)Level(bucket, charge.Key, now) + (charge.Cost * bucket.Period));
        SetLevel(bucket, charge.Key, (long)level, now);
    }

    private void SetLevel(TokenBucket bucket, string key, long level, long now)
    {
        var full = now + (((bucket.Capacity * bucket.Period) - level + bucket.Refill - 1) / bucket.Refill);
        _states[key] = new State(level, full, now);
    }

    // A bucket's level is the amount multiplied by the period in milliseconds, so that refilling needs no fractions.
    private long Level(TokenBucket bucket, string key, long now)
    {
        var capacity = bucket.Capacity * bucket.Period;
        if (!_states.TryGetValue(key, out var state) || state.Ends <= now) return capacity;
        return (long)Int128.Min(capacity, state.Value + ((Int128)Math.Max(0, now - state.At) * bucket.Refill));
    }

    private long Used(SpendCounter counter, string key, long now) =>
        _states.TryGetValue(key, out var state) && state.Ends > now ? state.Value : 0;

    private void Sweep(long now)
    {
        foreach (var (key, state) in _states)
            if (state.Ends <= now)
                _states.Remove(key);
        _sweepAt = Math.Max(MinBeforeSweep, _states.Count * 2);
    }

    /// <param name="Value">A bucket's level, or the sum of a window.</param>
    /// <param name="Ends">
    /// When the bucket is full, or the window over: from then on the state is as if it did not exist.
    /// </param>
    /// <param name="At">When the level had that value.</param>
    private readonly record struct State(long Value, long Ends, long At = 0);
}
