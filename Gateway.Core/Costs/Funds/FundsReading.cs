using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>What the payer registry says of the payer.</summary>
/// <param name="Balance">Below zero when it owes.</param>
/// <param name="PendingWithdrawal">What is on its way out, and no longer in the balance.</param>
/// <param name="Block">The settlement chain's head when it was read.</param>
/// <param name="At">When it was read.</param>
internal sealed record PayerReading(Microdollars Balance, Microdollars PendingWithdrawal, ulong Block, DateTimeOffset At)
{
    /// <summary>When the pending withdrawal can be finalized, in seconds since 1970; tells one from the next.</summary>
    internal uint WithdrawableAt { get; init; }
}

/// <summary>What the payer has for gas on the App Chain.</summary>
/// <param name="Balance">The native balance.</param>
/// <param name="Block">The App Chain's head when it was read.</param>
/// <param name="At">When it was read.</param>
internal sealed record GasReading(Wei Balance, ulong Block, DateTimeOffset At);
