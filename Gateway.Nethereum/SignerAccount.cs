using Nethereum.Web3.Accounts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum;

/// <summary>A signer as Nethereum's account: <c>new Web3(new SignerAccount(signer, chainId), client)</c>.</summary>
/// <remarks>
/// The key stays where the signer has it: in this process, or in a key service. Nonces are Nethereum's own, counted in this
/// process; an account that a gateway pays with must not be used here at the same time.
/// </remarks>
public sealed class SignerAccount : ExternalAccount
{
    /// <summary>An account of one chain.</summary>
    /// <param name="signer">Signs; called once a transaction or message.</param>
    /// <param name="chainId">The chain that transactions are for, and no other.</param>
    /// <param name="cancellationToken">Ends calls of a remote signer.</param>
    public SignerAccount(ISigner signer, ulong chainId, CancellationToken cancellationToken = default)
        : base(AddressOf(signer), new ExternalSigner(signer, cancellationToken), chainId)
    {
        // Nethereum has no other way to set the signing of messages; with an address that is known nothing is waited for.
        InitialiseAsync().GetAwaiter().GetResult();
        InitialiseDefaultTransactionManager(null);
    }

    private static string AddressOf(ISigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        return signer.Address.ToString();
    }
}
