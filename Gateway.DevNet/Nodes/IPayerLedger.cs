using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>What payers may still spend at the nodes.</summary>
/// <remarks>
/// Any 65 bytes that are a signature at all recover to some address; it is the empty balance of that address that stops
/// a wrong signature, as on the real network.
/// </remarks>
public interface IPayerLedger
{
    /// <summary>Spends from a payer's balance less what it used and has not settled yet.</summary>
    /// <param name="payer">The payer.</param>
    /// <param name="fees">How much, in picodollars.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when there is not so much, or nothing at all; then nothing was spent.</returns>
    ValueTask<bool> TryUseAsync(EthereumAddress payer, ulong fees, CancellationToken cancellationToken);
}
