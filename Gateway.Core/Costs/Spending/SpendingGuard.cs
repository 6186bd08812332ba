using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Costs.Spending;

/// <summary>Refuses to spend when prices are far above what the operator expects.</summary>
/// <remarks>
/// A jump of the rates pauses all publishing to nodes until the rates come down again or the gateway is restarted: the
/// rates at a start count as accepted. A message that is too expensive is refused alone, or one large message would
/// stop all callers. Both are UNAVAILABLE: the caller is not at fault, and a retry may succeed later. Thread-safe.
/// </remarks>
internal sealed partial class SpendingGuard(
    RateCache cache, IOptions<CostsOptions> options, MoneyMetrics metrics, TimeProvider time, ILogger<SpendingGuard> logger)
{
    // The cost of a message of a usual size represents all sizes.
    private const int UsualSize = 1024;

    private static readonly TimeSpan Later = TimeSpan.FromSeconds(60);
    private static readonly PublishError Paused =
        new(PublishErrorKind.Unavailable, "publishing is paused: the network's prices have jumped")
        {
            Reason = "SPENDING_PAUSED",
            RetryAfter = Later,
        };

    private readonly Lock _gate = new();
    private readonly TimeProvider _time = time;
    private readonly LogThrottle _overpricedLines = new(TimeSpan.FromMinutes(1), time);
    private readonly ILogger _logger = logger;
    private Rates? _accepted;
    private Rates? _judged;
    private volatile bool _isPaused;

    /// <summary>Whether publishing to nodes is paused.</summary>
    internal bool IsPaused
    {
        get
        {
            Evaluate();
            return _isPaused;
        }
    }

    /// <summary>The error that prevents the spend; null when there is none.</summary>
    internal PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes, CostEstimate cost)
    {
        Evaluate();
        if (_isPaused && envelopes.Any(envelope => envelope.Destination == Destination.BroadcastNetwork)) return Paused;
        return options.Value.MaxMessagePrice is > 0 and var max && cost.MaxEnvelopeCost > Picodollars.From(new Chain.Microdollars(max))
            ? Overpriced(cost, max)
            : null;
    }

    private PublishError Overpriced(CostEstimate cost, ulong max)
    {
        metrics.Overpriced();
        if (_overpricedLines.TryPass(out _)) LogOverpriced(_logger, cost.MaxEnvelopeCost, max);
        return new PublishError(
            PublishErrorKind.Unavailable, $"envelopes[{cost.MaxEnvelopeIndex}] would cost more than this gateway pays for a message")
        {
            Reason = "MESSAGE_OVERPRICED",
            RetryAfter = Later,
            EnvelopeIndex = cost.MaxEnvelopeIndex,
        };
    }

    // Rates change rarely: all callers but the first after a change only compare one reference.
    private void Evaluate()
    {
        if (cache.InForce(_time.GetUtcNow()) is not { } now || ReferenceEquals(now, _judged)) return;
        lock (_gate)
        {
            if (ReferenceEquals(now, _judged)) return;
            var jumps = _accepted is not null && Jumps(_accepted, now);
            if (!jumps) _accepted = now;
            if (jumps) LogPaused(_logger, _accepted!, now);
            else if (_isPaused) LogResumed(_logger, now);
            _judged = now;
            _isPaused = jumps;
        }
    }

    private bool Jumps(Rates before, Rates now) => options.Value.MaxRateJump > 0
        && (IsJump(EnvelopeCosts.BaseFee(before, UsualSize), EnvelopeCosts.BaseFee(now, UsualSize))
            || IsJump(before.CongestionFee, now.CongestionFee));

    // A rise from zero has no factor: the max price of a message guards against it.
    private bool IsJump(Int128 before, Int128 now) =>
        before > 0 && now / (Int128)options.Value.MaxRateJump >= before && now > before * options.Value.MaxRateJump;

    [LoggerMessage(
        EventIds.SpendingGuardPaused,
        LogLevel.Critical,
        "SPENDING IS PAUSED: rates jumped from {Before} to {Now}. Publishing to nodes resumes when they fall, or after a restart, " +
            "which accepts them")]
    private static partial void LogPaused(ILogger logger, Rates before, Rates now);

    [LoggerMessage(EventIds.SpendingGuardResumed, LogLevel.Warning, "spending resumed: rates are now {Now}")]
    private static partial void LogResumed(ILogger logger, Rates now);

    [LoggerMessage(
        EventIds.SpendingGuardOverpriced,
        LogLevel.Critical,
        "a message was refused: it would cost {Cost}, and --costs.max-message-price is {Max} microdollars")]
    private static partial void LogOverpriced(ILogger logger, Picodollars cost, ulong max);
}
