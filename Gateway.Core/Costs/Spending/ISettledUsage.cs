using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Costs.Spending;

/// <summary>A charge of the network to the payer.</summary>
/// <param name="PayerReportId">The report with the usage.</param>
/// <param name="Amount">The amount charged; below zero when a chain reorganization removed a charge.</param>
/// <param name="Block">The block of the charge.</param>
public sealed record UsageCharge(Bytes32 PayerReportId, Microdollars Amount, ulong Block);

/// <summary>The fees in the nodes' answers, and the charges, since this gateway started.</summary>
/// <param name="Answered">
/// The fees that nodes signed for what this gateway published; estimated when an answer had none.
/// </param>
/// <param name="Settled">
/// The charges of the payer registry for all publishes with this payer's key; reports come hours later.
/// </param>
public sealed record SpendReconciliation(Picodollars Answered, Picodollars Settled)
{
    /// <summary>
    /// Fees answered but not charged; below zero when more was charged, such as for congestion that rose until a
    /// message was inserted.
    /// </summary>
    public Picodollars Drift => Answered - Settled;
}

/// <summary>Reports what publishing really cost. Budgets are corrected by it.</summary>
public interface ISettledUsage
{
    /// <summary>The current sums.</summary>
    SpendReconciliation Reconciliation { get; }

    /// <summary>
    /// Calls <paramref name="charged"/> for each charge, and for each charge that a chain reorganization removed, in
    /// order and never concurrently.
    /// </summary>
    /// <returns>Ends the subscription when disposed.</returns>
    IDisposable OnCharge(Action<UsageCharge> charged);
}
