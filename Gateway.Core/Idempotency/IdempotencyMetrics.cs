using System.Diagnostics.Metrics;

namespace Xmtp.Gateway.Idempotency;

/// <summary>Metrics of repeated publishes.</summary>
internal sealed class IdempotencyMetrics
{
    private readonly Counter<long> _repeated;
    private readonly Counter<long> _early;
    private readonly Counter<long> _storeErrors;
    private readonly Counter<long> _notRemembered;

    /// <summary>Creates the instruments.</summary>
    public IdempotencyMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Xmtp.Gateway.Idempotency");
        _repeated = meter.CreateCounter<long>(
            "xmtp_gateway_repeated_envelopes_total",
            description: "Envelopes that were answered with an earlier result and not published again");
        _early = meter.CreateCounter<long>(
            "xmtp_gateway_results_forgotten_early_total",
            description: "Results evicted for newer ones before the window had passed");
        _storeErrors = meter.CreateCounter<long>(
            "xmtp_gateway_results_store_errors_total", description: "Lookups of earlier results that Redis did not answer");
        _notRemembered = meter.CreateCounter<long>(
            "xmtp_gateway_not_remembered_envelopes_total",
            description: "Envelopes refused because this process remembers as many published ones as it may");
    }

    internal void Repeated(int envelopes) => _repeated.Add(envelopes);

    internal void ForgottenEarly() => _early.Add(1);

    internal void NotRemembered() => _notRemembered.Add(1);

    internal void StoreFailed() => _storeErrors.Add(1);
}
