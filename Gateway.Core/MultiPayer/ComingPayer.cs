using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>A wallet that pays from a date on, and its funds, which are read before that.</summary>
/// <param name="Entry">Its entry in the payers file.</param>
/// <param name="Address">Its address.</param>
/// <param name="Payer">The payer that serves the same callers now.</param>
/// <param name="Funds">Its funds. They last by what that payer spends.</param>
internal sealed record ComingPayer(PayerEntry Entry, EthereumAddress Address, Payer Payer, FundsState Funds)
{
    /// <summary>The levels that were logged.</summary>
    internal LoggedLevels Logged { get; } = new();

    /// <summary>When its funds were read last, as a timestamp; null for never.</summary>
    internal long? ReadAt { get; set; }
}
