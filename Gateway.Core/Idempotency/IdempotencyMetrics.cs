using System.Diagnostics.Metrics;

namespace Xmtp.Gateway.Idempotency;

/// <summary>What dashboards see of repeated publishes.</summary>
public sealed class IdempotencyMetrics
{
    private readonly Counter<long> repeated;
    private readonly Counter<long> early;
    private readonly Counter<long> storeErrors;

    /// <summary>Makes the instruments.</summary>
    public IdempotencyMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Xmtp.Gateway.Idempotency");
        repeated = meter.CreateCounter<long>("xmtp_gateway_repeated_envelopes_total", description: "Envelopes that were answered with an earlier result and not published again");
        early = meter.CreateCounter<long>("xmtp_gateway_results_forgotten_early_total", description: "Results that made room for newer ones before the window had passed");
        storeErrors = meter.CreateCounter<long>("xmtp_gateway_results_store_errors_total", description: "Questions about earlier results that Redis did not answer");
    }

    internal void Repeated(int envelopes) => repeated.Add(envelopes);

    internal void ForgottenEarly() => early.Add(1);

    internal void StoreFailed() => storeErrors.Add(1);
}
