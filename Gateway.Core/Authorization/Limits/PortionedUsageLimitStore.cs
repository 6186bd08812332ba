using System.Collections.Concurrent;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// Takes limits of the whole gateway from the shared store in portions, which this replica then uses alone: most publishes
/// ask the store only for the limits of their client, and for nothing where there are none.
/// </summary>
/// <remarks>
/// What a replica has in hand is charged already, so no budget is exceeded by it. A replica that is killed leaves at most one
/// portion charged that nobody used; one that refuses a publish may do so while others have a portion in hand. A rate limit
/// refills while replicas have parts of it in hand: it may be exceeded by one portion of each. While the store is unavailable,
/// what is in hand is used. Thread-safe.
/// </remarks>
/// <param name="store">The shared store, with the policy while it is unavailable.</param>
/// <param name="shared">The shared store itself: only what it has taken is kept in hand.</param>
/// <param name="percent">The size of a portion, in percent of a limit's capacity; 1 to 50.</param>
/// <param name="time">Measures windows.</param>
internal sealed class PortionedUsageLimitStore(IUsageLimitStore store, IUsageLimitStore shared, int percent, TimeProvider time)
    : IUsageLimitStore
{
    private readonly ConcurrentDictionary<string, (UsageLimitCharge One, LimitPortion Portion)> _portions = new(StringComparer.Ordinal);

    public async ValueTask<UsageLimitResult> TakeAsync(IReadOnlyList<UsageLimitCharge> charges, CancellationToken cancellationToken)
    {
        var publish = new PortionedCharges(charges, PortionOf);
        if (publish.Asked.Count == 0) return UsageLimitResult.Taken(shared, publish.TakenAt);
        var asked = time.GetTimestamp();
        UsageLimitResult? answered = null;
        try
        {
            answered = await store.TakeAsync(publish.Asked, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (answered is null) Refuse(publish, null);
        }

        var answer = answered.Value;
        if (answer.Outcome == UsageLimitOutcome.Taken)
        {
            var rest = publish.Keep(answer.At, asked, isKept: ReferenceEquals(answer.By, shared));
            if (rest.Count > 0 && answer.By is { } by) _ = by.RefundAsync(rest, answer.At).AsTask();
            return answer;
        }

        var over = answer.Outcome == UsageLimitOutcome.Over ? answer.Index : (int?)null;
        Refuse(publish, over);
        // No whole portion is left of that limit: what this publish needs may be.
        if (over is { } index && publish.IsPortion(index)) return await store.TakeAsync(charges, cancellationToken).ConfigureAwait(false);
        return over is { } other ? answer with { Index = publish.IndexOf(other) } : answer;
    }

    public ValueTask<bool> RefundAsync(IReadOnlyList<UsageLimitCharge> charges, long takenAt) => store.RefundAsync(charges, takenAt);

    public ValueTask<bool> CorrectAsync(IReadOnlyList<UsageLimitCharge> corrections, CancellationToken cancellationToken) =>
        store.CorrectAsync(corrections, cancellationToken);

    public ValueTask<bool> RaiseAsync(IReadOnlyList<UsageLimitCharge> atLeast, CancellationToken cancellationToken) =>
        store.RaiseAsync(atLeast, cancellationToken);

    public ValueTask<IReadOnlyList<long>?> ReadSumsAsync(
        IReadOnlyList<(SpendCounter Budget, string Key)> budgets, CancellationToken cancellationToken) =>
        store.ReadSumsAsync(budgets, cancellationToken);

    /// <summary>Refunds what is in hand; from now on each publish takes its own amount from the store.</summary>
    internal async Task CloseAsync()
    {
        foreach (var (one, portion) in _portions.Values)
        {
            var (left, takenAt) = portion.Close();
            if (left > 0) await shared.RefundAsync([one with { Cost = left }], takenAt).ConfigureAwait(false);
        }
    }

    private void Refuse(PortionedCharges publish, int? over)
    {
        foreach (var (charge, takenAt) in publish.Refuse(over)) _ = shared.RefundAsync([charge], takenAt).AsTask();
    }

    private LimitPortion? PortionOf(UsageLimitCharge charge)
    {
        if (charge.Limit.Scope != LimitScope.WholeGateway) return null;
        if (_portions.TryGetValue(charge.Key, out var known)) return known.Portion;
        var size = (long)((Int128)charge.Limit.Capacity * percent / 100);
        return size == 0 ? null : _portions.GetOrAdd(charge.Key, _ => (charge, new LimitPortion(charge.Limit, size, time))).Portion;
    }
}
