using System.Globalization;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Tells the operator that nodes find the payer's balance too low: one line a minute.</summary>
/// <remarks>
/// Nodes subtract what was used and is not charged yet, so the chain's balance may still be positive: both figures are
/// in the line.
/// </remarks>
internal sealed class EmptyBalanceReport(
    ISigner signer, TimeProvider time, ILogger<EmptyBalanceReport> logger, FundsState? funds = null, SettledUsageReader? usage = null)
{
    private readonly LogThrottle _throttle = new(TimeSpan.FromMinutes(1), time);

    /// <summary>A node's word on it stands.</summary>
    internal void Report(uint node, string detail)
    {
        if (!_throttle.TryPass(out var before)) return;
        NodeLog.BalanceEmpty(
            logger, node, signer.Address, Text(funds?.Payer?.Balance.Value), Text(usage?.Reconciliation.Drift.Value), detail, before);
    }

    private static string Text(Int128? figure) => figure?.ToString(CultureInfo.InvariantCulture) ?? "unknown";
}
