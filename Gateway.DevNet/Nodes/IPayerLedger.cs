using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>What payers may still spend at a node.</summary>
/// <remarks>
/// Any 65 bytes that are a signature at all recover to some address; it is the empty balance of that address that stops
/// a wrong signature, as on the real network.
/// </remarks>
public interface IPayerLedger
{
    /// <summary>The payer's balance less what it used and has not settled yet, in picodollars; below zero when it is in debt.</summary>
    ValueTask<Int128> GetAvailableAsync(EthereumAddress payer, CancellationToken cancellationToken);

    /// <summary>Notes what the payer used, in picodollars.</summary>
    void Use(EthereumAddress payer, ulong fees);
}
