using Xmtp.Gateway.Costs.Spending;

namespace Xmtp.Gateway.Costs.Usage;

/// <summary>Keeps usage in this process, since its start. Thread-safe.</summary>
internal sealed class MemoryUsageStore(TimeProvider time) : IUsageStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<DateOnly, Dictionary<string, UsageFigures>> _days = [];

    public DateTimeOffset? Since { get; } = time.GetUtcNow();

    public ValueTask<bool> AddAsync(UsageBatch batch, long number, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_days.TryGetValue(batch.Day, out var day)) _days[batch.Day] = day = new(StringComparer.Ordinal);
            foreach (var (name, figures) in batch.Identities)
            {
                if (day.TryGetValue(name, out var known)) known.Add(figures);
                else day[name] = figures.Copy();
            }

            if (day.Count > 2 * SpendLedger.KeptIdentities) KeepTopSpenders(day);
            while (_days.Count > SpendLedger.KeptDays) _days.Remove(_days.Keys.First());
        }

        return ValueTask.FromResult(true);
    }

    public ValueTask<IReadOnlyDictionary<string, UsageFigures>?> ReadAsync(DateOnly day, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            IReadOnlyDictionary<string, UsageFigures> read = _days.TryGetValue(day, out var found)
                ? found.ToDictionary(entry => entry.Key, entry => entry.Value.Copy(), StringComparer.Ordinal)
                : [];
            return ValueTask.FromResult<IReadOnlyDictionary<string, UsageFigures>?>(read);
        }
    }

    public ValueTask<IReadOnlyDictionary<DateOnly, UsageFigures>?> ReadTotalsAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var totals = new Dictionary<DateOnly, UsageFigures>();
            foreach (var (day, identities) in _days)
            {
                var sum = totals[day] = new UsageFigures();
                foreach (var figures in identities.Values) sum.Add(figures);
            }

            return ValueTask.FromResult<IReadOnlyDictionary<DateOnly, UsageFigures>?>(totals);
        }
    }

    private static void KeepTopSpenders(Dictionary<string, UsageFigures> day)
    {
        if (!day.Remove(UsageCounter.Others, out var others)) others = new UsageFigures();
        foreach (var (name, figures) in day.OrderByDescending(entry => entry.Value.Spent).Skip(SpendLedger.KeptIdentities - 1).ToList())
        {
            others.Add(figures);
            day.Remove(name);
        }

        day[UsageCounter.Others] = others;
    }
}
