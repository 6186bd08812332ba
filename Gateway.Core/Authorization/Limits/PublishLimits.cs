using System.Globalization;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Charges a publish to every limit and budget in one step, all or nothing.</summary>
/// <remarks>
/// After every authorizer allowed it, so that who is refused anyway cannot use up what others share; and only for
/// envelopes that are really published, so that a client that sends one again does not pay for it again.
/// </remarks>
internal sealed class PublishLimits(IOptions<LimitsOptions> options, IMeterStore store, AuthorizationMetrics? metrics = null)
{
    private static readonly PublishError Away = new(PublishErrorKind.Unavailable, "publishing is paused: limits cannot be checked now")
    {
        RetryAfter = GuardedMeterStore.Pause,
        Reason = "LIMITS_UNAVAILABLE",
    };

    // The rates are read again every five seconds until they are known.
    private static readonly PublishError RatesUnknown = new(PublishErrorKind.Unavailable, "publishing is paused: budgets cannot be charged before the network's rates are known")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
        Reason = "RATES_UNKNOWN",
    };

    private readonly Meter[] meters = [.. Meters.Of(options.Value)];

    /// <summary>Whether there is any.</summary>
    public bool IsEmpty => meters.Length == 0;

    /// <summary>Says why a publish could never be charged, however long one waits. Asks no store.</summary>
    /// <returns>Null when it fits.</returns>
    public PublishError? Check(PublishAttempt publish)
    {
        foreach (var meter in meters)
            if (meter.CostOf(publish) > meter.Capacity)
                return TooLarge(meter, publish);
        return null;
    }

    /// <summary>Charges a publish that passed <see cref="Check"/>.</summary>
    /// <returns>Null when everything fitted; else nothing was taken, and this is why.</returns>
    public async ValueTask<PublishError?> ChargeAsync(PublishAttempt publish, CancellationToken cancellationToken)
    {
        if (publish.Cost.LacksRates && meters.Any(meter => meter is Purse)) return RatesUnknown;
        var charges = Charges(publish);
        if (charges.Count == 0) return null;
        var answer = await store.TakeAsync(charges, cancellationToken);
        return answer.Verdict switch
        {
            MeterVerdict.Taken => null,
            MeterVerdict.Over => Over(charges[answer.Index].Meter, answer.Wait),
            _ => Away,
        };
    }

    // A cost that grew since the check, with congestion or a rule of one's own, is the most that fits.
    private List<MeterCharge> Charges(PublishAttempt publish)
    {
        var charges = new List<MeterCharge>(meters.Length);
        string? client = null;
        foreach (var meter in meters)
        {
            var cost = Int128.Min(meter.CostOf(publish), meter.Capacity);
            if (cost <= 0) continue;
            var whose = meter.Scope == LimitScope.WholeGateway ? "" : client ??= MeterKey.Of(publish.Identity);
            charges.Add(new MeterCharge(meter, MeterKey.Of(meter, whose), (long)cost));
        }

        return charges;
    }

    private PublishError TooLarge(Meter meter, PublishAttempt publish)
    {
        metrics?.Refused(meter.Name);
        var what = publish.Envelopes.Count > 1 ? "split the batch" : "no wait makes it fit";
        return new PublishError(PublishErrorKind.InvalidArgument, $"envelopes: the request costs more than the {Kind(meter)}{meter.Name} ever allows at once; {what}")
        {
            Reason = "LIMIT_NEVER_FITS",
            Field = "envelopes",
        };
    }

    private PublishError Over(Meter meter, TimeSpan wait)
    {
        metrics?.Refused(meter.Name);
        var seconds = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds));
        return new PublishError(PublishErrorKind.ResourceExhausted, string.Create(CultureInfo.InvariantCulture, $"over the {Kind(meter)}{meter.Name}; try again in {seconds} s"))
        {
            RetryAfter = wait,
            Reason = meter is Purse ? "BUDGET_SPENT" : "RATE_LIMITED",
        };
    }

    private static string Kind(Meter meter) => meter is Purse ? "" : "limit of ";
}
