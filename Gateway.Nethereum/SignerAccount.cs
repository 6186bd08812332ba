using Nethereum.Web3.Accounts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum;

/// <summary>A signer as a Nethereum account: <c>new Web3(new SignerAccount(signer, chainId), client)</c>.</summary>
/// <remarks>
/// The key stays with the signer: in this process, or in a key service. Nonces are Nethereum's own, counted in this
/// process; an account with which a gateway pays must not be used here at the same time.
/// </remarks>
public sealed class SignerAccount : ExternalAccount
{
    /// <summary>Creates an account for one chain.</summary>
    /// <param name="signer">The signer; called once per transaction or message.</param>
    /// <param name="chainId">The only chain on which its transactions are valid.</param>
    /// <param name="cancellationToken">Cancels calls of a remote signer.</param>
    public SignerAccount(ISigner signer, ulong chainId, CancellationToken cancellationToken = default)
        : base(AddressOf(signer), new ExternalSigner(signer, cancellationToken), chainId)
    {
        // Nethereum has no other way to set the signing of messages; with a known address this does not block.
        InitialiseAsync().GetAwaiter().GetResult();
        InitialiseDefaultTransactionManager(null);
    }

    private static string AddressOf(ISigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        return signer.Address.ToString();
    }
}
