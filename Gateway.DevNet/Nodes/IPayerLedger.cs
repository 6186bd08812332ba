using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The amounts that payers may still spend at the nodes.</summary>
/// <remarks>
/// Any valid 65-byte signature recovers to some address; a wrong signature is caught because that address has no
/// balance, as on the real network.
/// </remarks>
public interface IPayerLedger
{
    /// <summary>Spends from a payer's balance, minus usage that is not settled yet.</summary>
    /// <param name="payer">The payer.</param>
    /// <param name="fees">The amount, in picodollars.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>False when the balance is too small or zero; then nothing was spent.</returns>
    ValueTask<bool> TryUseAsync(EthereumAddress payer, ulong fees, CancellationToken cancellationToken);
}
