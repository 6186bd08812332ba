using System.Diagnostics.Metrics;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization;

/// <summary>Metrics of authorization.</summary>
internal sealed class AuthorizationMetrics
{
    private const string MeterName = "Xmtp.Gateway.Authorization";

    private readonly Counter<long> _refused;
    private readonly Counter<long> _byRule;
    private readonly Counter<long> _byPolicy;
    private readonly KeyValuePair<string, object?>[] _labels;
    private int _storeUnavailable;

    /// <summary>Creates the instruments.</summary>
    public AuthorizationMetrics(IMeterFactory meters)
        : this(meters, null)
    {
        meters.Create(MeterName).CreateObservableGauge(
            "xmtp_gateway_limits_store_unavailable",
            () => Volatile.Read(ref _storeUnavailable),
            description: "1 while the limits' store is unavailable and the policy decides");
    }

    /// <summary>
    /// Creates the counters of one of several payers, whose name is a label of its refusals. The store of limits is the gateway's.
    /// </summary>
    internal AuthorizationMetrics(IMeterFactory meters, PayerLabel? payer)
    {
        _labels = PayerLabel.TagsOf(payer);
        var meter = meters.Create(MeterName);
        _refused = meter.CreateCounter<long>(
            "xmtp_gateway_limit_refusals", description: "Publishes refused by a limit or a budget, by its name");
        _byRule = meter.CreateCounter<long>(
            "xmtp_gateway_authorization_refusals_total",
            description: "Publishes refused by a rule on who may publish, by the rule's type and the kind of the error");
        _byPolicy = meter.CreateCounter<long>(
            "xmtp_gateway_limits_without_store",
            description: "Publishes decided while the limits' store was unavailable, by the policy in force");
    }

    /// <summary>Records that a publish was over a limit.</summary>
    public void Refused(string limit) => _refused.Add(1, [new("limit", limit), .. _labels]);

    /// <summary>Records that a rule on who may publish refused a publish.</summary>
    /// <param name="rule">The name of the rule's type.</param>
    /// <param name="reason">The kind of the error.</param>
    internal void RefusedBy(string rule, PublishErrorKind reason) =>
        _byRule.Add(1, [new("rule", rule), new("reason", reason.ToString()), .. _labels]);

    /// <summary>Records that the store became unavailable, or available again.</summary>
    public void SetStoreUnavailable(bool isUnavailable) => Volatile.Write(ref _storeUnavailable, isUnavailable ? 1 : 0);

    /// <summary>Records that the policy decided because the store was unavailable.</summary>
    public void DecidedByPolicy(string policy) => _byPolicy.Add(1, new KeyValuePair<string, object?>("policy", policy));
}
