using System.Diagnostics.Metrics;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization;

/// <summary>Metrics of authorization.</summary>
public sealed class AuthorizationMetrics
{
    private readonly Counter<long> _refused;
    private readonly Counter<long> _byRule;
    private readonly Counter<long> _byPolicy;
    private int _storeAway;

    /// <summary>Creates the instruments.</summary>
    public AuthorizationMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Xmtp.Gateway.Authorization");
        _refused = meter.CreateCounter<long>(
            "xmtp_gateway_limit_refusals", description: "Publishes refused by a limit or a budget, by its name");
        _byRule = meter.CreateCounter<long>(
            "xmtp_gateway_authorization_refusals_total",
            description: "Publishes refused by a rule on who may publish, by the rule's type and the kind of the error");
        _byPolicy = meter.CreateCounter<long>(
            "xmtp_gateway_limits_without_store",
            description: "Publishes decided while the limits' store was unavailable, by the policy in force");
        meter.CreateObservableGauge(
            "xmtp_gateway_limits_store_away",
            () => Volatile.Read(ref _storeAway),
            description: "1 while the limits' store is unavailable and the policy decides");
    }

    /// <summary>Records that a publish was over a limit.</summary>
    public void Refused(string limit) => _refused.Add(1, new KeyValuePair<string, object?>("limit", limit));

    /// <summary>Records that a rule on who may publish refused a publish.</summary>
    /// <param name="rule">The name of the rule's type.</param>
    /// <param name="reason">The kind of the error.</param>
    internal void RefusedBy(string rule, PublishErrorKind reason) =>
        _byRule.Add(1, new KeyValuePair<string, object?>("rule", rule), new KeyValuePair<string, object?>("reason", reason.ToString()));

    /// <summary>Records that the store became unavailable, or available again.</summary>
    public void StoreIsAway(bool away) => Volatile.Write(ref _storeAway, away ? 1 : 0);

    /// <summary>Records that the policy decided because the store was unavailable.</summary>
    public void DecidedByPolicy(string policy) => _byPolicy.Add(1, new KeyValuePair<string, object?>("policy", policy));
}
