using System.Globalization;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Logs that nodes find the payer's balance too low: one line a minute.</summary>
/// <remarks>
/// Nodes subtract usage that is not charged yet, so the balance on the chain may still be positive: the line has both
/// figures.
/// </remarks>
internal sealed class EmptyBalanceReport(
    ISigner signer, TimeProvider time, ILogger<EmptyBalanceReport> logger, FundsState? funds = null, SettledUsageReader? usage = null)
{
    private readonly LogThrottle _throttle = new(TimeSpan.FromMinutes(1), time);

    /// <summary>Reports a node's refusal for the balance.</summary>
    internal void Report(uint node, string detail)
    {
        if (!_throttle.TryPass(out var before)) return;
        NodeLog.BalanceEmpty(
            logger, node, signer.Address, Text(funds?.Payer?.Balance.Value), Text(usage?.Reconciliation.Drift.Value), detail, before);
    }

    private static string Text(Int128? figure) => figure?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
}
