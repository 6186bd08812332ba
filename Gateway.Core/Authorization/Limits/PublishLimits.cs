using System.Globalization;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Charges a publish to every limit and budget atomically, all or nothing.</summary>
/// <remarks>
/// Runs after every authorizer allowed the publish, so that refused callers cannot use up shared limits; and only for
/// envelopes that are really published, so that a client does not pay twice for a resend.
/// </remarks>
internal sealed class PublishLimits(IOptions<LimitsOptions> options, IUsageLimitStore store, AuthorizationMetrics? metrics = null)
{
    private static readonly PublishError Unavailable = new(
        PublishErrorKind.Unavailable, "publishing is paused: limits cannot be checked now")
    {
        RetryAfter = GuardedUsageLimitStore.Pause,
        Reason = "LIMITS_UNAVAILABLE",
    };

    // The rates are read every five seconds until they are known.
    private static readonly PublishError RatesUnknown = new(
        PublishErrorKind.Unavailable, "publishing is paused: budgets cannot be charged before the network's rates are known")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
        Reason = "RATES_UNKNOWN",
    };

    private readonly CurrentLimits _limits = new(options);

    /// <summary>Whether there are no limits.</summary>
    public bool IsEmpty => _limits.All.Length == 0;

    /// <summary>
    /// Checks whether a publish could never be charged, however long the caller waits. Does not call the store.
    /// </summary>
    /// <returns>Null when it fits.</returns>
    public PublishError? Check(PublishContext publish)
    {
        foreach (var limit in _limits.All)
            if (limit.CostOf(publish) > limit.Capacity)
                return TooLarge(limit, publish);
        return null;
    }

    /// <summary>Charges a publish that passed <see cref="Check"/>.</summary>
    /// <returns>What was taken, or why nothing was.</returns>
    public async ValueTask<PublishCharge> ChargeAsync(PublishContext publish, CancellationToken cancellationToken)
    {
        var limits = _limits.All;
        if (publish.Cost.ForPayerOf(publish.Identity).LacksRates && limits.Any(limit => limit is SpendCounter))
            return new PublishCharge(RatesUnknown);
        var charges = Charges(limits, publish);
        if (charges.Count == 0) return default;
        var answer = await store.TakeAsync(charges, cancellationToken).ConfigureAwait(false);
        return answer.Outcome switch
        {
            UsageLimitOutcome.Taken => new PublishCharge(charges, answer),
            UsageLimitOutcome.Over => new PublishCharge(Over(charges[answer.Index].Limit, answer.Wait), charges[answer.Index].Limit),
            _ => new PublishCharge(Unavailable),
        };
    }

    /// <summary>
    /// Refunds all that was taken. The call is sent before this returns; if the store is unavailable by then, the
    /// charge stays.
    /// </summary>
    public static void Refund(PublishCharge charge)
    {
        if (charge.By is { } taker && charge.Taken.Count > 0) _ = taker.RefundAsync(charge.Taken, charge.At).AsTask();
    }

    /// <summary>
    /// Settles a charge to the part of a publish that was sent: refunds what was too much, and adds to budgets what was
    /// too little. Otherwise like <see cref="Refund"/>.
    /// </summary>
    /// <param name="charge">What was taken.</param>
    /// <param name="sent">What was sent, or may have been, with its cost; null for nothing.</param>
    public static void Settle(PublishCharge charge, PublishContext? sent) =>
        Settle(charge, charge.Taken, limit => sent is null ? 0 : limit.CostOf(sent));

    /// <summary>Settles the budgets' charge to the actual cost of a publish that was sent entirely.</summary>
    public static void SettleBudgets(PublishCharge charge, Picodollars cost)
    {
        if (charge.Taken.Any(IsBudget)) Settle(charge, charge.Taken.Where(IsBudget), _ => cost.Value);
    }

    private static void Settle(PublishCharge charge, IEnumerable<UsageLimitCharge> all, Func<UsageLimit, Int128> costOf)
    {
        if (charge.By is not { } taker) return;
        List<UsageLimitCharge>? back = null, more = null;
        foreach (var taken in all)
        {
            var missing = (long)Int128.Clamp(Int128.Max(0, costOf(taken.Limit)) - taken.Cost, -taken.Cost, Budget.MaxAmount.Value);
            if (missing < 0) (back ??= []).Add(taken with { Cost = -missing });
            else if (missing > 0 && taken.Limit is SpendCounter) (more ??= []).Add(taken with { Cost = missing });
        }

        if (back is not null) _ = taker.RefundAsync(back, charge.At).AsTask();
        if (more is not null) _ = taker.CorrectAsync(more, CancellationToken.None).AsTask();
    }

    // A cost that grew above the capacity since the check, by congestion or a custom rule, is charged as the capacity.
    private static List<UsageLimitCharge> Charges(UsageLimit[] limits, PublishContext publish)
    {
        var charges = new List<UsageLimitCharge>(limits.Length);
        string? client = null;
        foreach (var limit in limits)
        {
            var cost = Int128.Min(limit.CostOf(publish), limit.Capacity);
            if (cost <= 0) continue;
            var whose = limit.Scope == LimitScope.WholeGateway
                ? UsageLimitKey.OfAll(publish.Identity.Payer)
                : client ??= UsageLimitKey.Of(publish.Identity);
            charges.Add(new UsageLimitCharge(limit, UsageLimitKey.Of(limit, whose), (long)cost));
        }

        return charges;
    }

    private static bool IsBudget(UsageLimitCharge taken) => taken.Limit is SpendCounter;

    private PublishError TooLarge(UsageLimit limit, PublishContext publish)
    {
        metrics?.Refused(limit.Name);
        var what = publish.Envelopes.Count > 1 ? "split the batch" : "waiting does not help";
        return new PublishError(
            PublishErrorKind.InvalidArgument,
            $"envelopes: the request costs more than the {Kind(limit)}{limit.Name} ever allows at once; {what}")
        {
            Reason = "LIMIT_NEVER_FITS",
            Field = "envelopes",
        };
    }

    /// <summary>
    /// Counts that a charge refused a publish. Repetitions are answered whatever the charge's result, so not counted.
    /// </summary>
    public void CountRefusal(PublishCharge charge)
    {
        if (charge.Over is { } limit) metrics?.Refused(limit.Name);
    }

    private static PublishError Over(UsageLimit limit, TimeSpan wait)
    {
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
        return new PublishError(
            PublishErrorKind.ResourceExhausted,
            string.Create(CultureInfo.InvariantCulture, $"over the {Kind(limit)}{limit.Name}; try again in {seconds} s"))
        {
            RetryAfter = wait,
            Reason = limit is SpendCounter ? "BUDGET_SPENT" : "RATE_LIMITED",
        };
    }

    private static string Kind(UsageLimit limit) => limit is SpendCounter ? "" : "limit of ";
}
