using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Costs.Spending;

/// <summary>The network charged the payer for what it published.</summary>
/// <param name="PayerReportId">The report that says what was used.</param>
/// <param name="Amount">What was charged; below zero when the chain took a charge back.</param>
/// <param name="Block">The block of the charge.</param>
public sealed record UsageCharge(Bytes32 PayerReportId, Microdollars Amount, ulong Block);

/// <summary>What nodes answered that they charge, and what was charged, since this gateway started.</summary>
/// <param name="Answered">The fees that nodes signed for what this gateway alone published, by estimate where an answer had none.</param>
/// <param name="Settled">By the payer registry, for all that publishes with this payer's key; reports come hours later.</param>
public sealed record SpendReconciliation(Picodollars Answered, Picodollars Settled)
{
    /// <summary>
    /// What was answered and not charged; below zero when more was charged, such as for congestion that grew until a
    /// message was inserted.
    /// </summary>
    public Picodollars Drift => Answered - Settled;

    /// <summary>The same as <see cref="Answered"/>, by its earlier name.</summary>
    public Picodollars Estimated => Answered;
}

/// <summary>Tells what publishing really cost. Budgets correct themselves by it.</summary>
public interface ISettledUsage
{
    /// <summary>Both sums now.</summary>
    SpendReconciliation Reconciliation { get; }

    /// <summary>
    /// Calls <paramref name="charged"/> at each charge, and at each that the chain takes back, in order and never twice
    /// at once.
    /// </summary>
    /// <returns>Ends it, when it is disposed of.</returns>
    IDisposable OnCharge(Action<UsageCharge> charged);
}
