using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>The payer's funds in the payer registry.</summary>
/// <param name="Balance">Below zero for a debt.</param>
/// <param name="PendingWithdrawal">The amount being withdrawn, which is no longer in the balance.</param>
/// <param name="Block">The settlement chain's head when it was read.</param>
/// <param name="At">When it was read.</param>
internal sealed record PayerReading(Microdollars Balance, Microdollars PendingWithdrawal, ulong Block, DateTimeOffset At)
{
    /// <summary>
    /// When the pending withdrawal can be finalized, in seconds since 1970; distinguishes one withdrawal from the next.
    /// </summary>
    internal uint WithdrawableAt { get; init; }
}

/// <summary>The payer's funds for gas on the App Chain.</summary>
/// <param name="Balance">The native balance.</param>
/// <param name="Block">The App Chain's head when it was read.</param>
/// <param name="At">When it was read.</param>
internal sealed record GasReading(Wei Balance, ulong Block, DateTimeOffset At)
{
    /// <summary>
    /// The balances of the payer's senders, of which the lowest is the fund; none where the payer pays for the gas itself.
    /// </summary>
    internal IReadOnlyList<(EthereumAddress Sender, Wei Balance)> Senders { get; init; } = [];
}
