using System.Numerics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Wallet;

/// <summary>The approval of tokens as a signature in the transaction that takes them: a permit (EIP-2612).</summary>
/// <remarks>It approves the contract that takes them for exactly the amount, once, and for an hour.</remarks>
internal sealed class DepositPermit
{
    private const ulong ValidForSeconds = 3_600;

    private readonly PayerWallet _wallet;
    private readonly Bytes32 _domainSeparator;
    private readonly BigInteger _nonce;

    private DepositPermit(PayerWallet wallet, Bytes32 domainSeparator, BigInteger nonce)
    {
        _wallet = wallet;
        _domainSeparator = domainSeparator;
        _nonce = nonce;
    }

    /// <summary>Asks whether a token takes permits. Nothing is signed.</summary>
    /// <returns>Null when it does not answer what a permit needs.</returns>
    internal static async Task<DepositPermit?> FindAsync(PayerWallet wallet, TokenContract token, CancellationToken cancellationToken)
    {
        var domain = await token.GetDomainSeparatorAsync(cancellationToken).ConfigureAwait(false);
        if (!domain.IsOk) return null;
        var nonce = await token.GetPermitNonceAsync(wallet.Address, cancellationToken).ConfigureAwait(false);
        return nonce.IsOk ? new DepositPermit(wallet, domain.Value, nonce.Value) : null;
    }

    /// <summary>The call of a function with the permit, which is signed here.</summary>
    /// <param name="function">The function; it ends with the deadline, v, r and s of a permit.</param>
    /// <param name="arguments">Its arguments before these.</param>
    /// <param name="spender">The contract that takes the tokens.</param>
    /// <param name="amount">How many it takes.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <exception cref="WalletException">The newest block cannot be read.</exception>
    internal async Task<byte[]> EncodeAsync(
        ContractFunction function, AbiWriter arguments, EthereumAddress spender, Microdollars amount, CancellationToken cancellationToken)
    {
        var deadline = await DeadlineAsync(cancellationToken).ConfigureAwait(false);
        var digest = TokenContract.PermitDigest(_domainSeparator, _wallet.Address, spender, amount, _nonce, deadline);
        var signature = new byte[65];
        await _wallet.Signer.SignAsync(digest, signature, cancellationToken).ConfigureAwait(false);
        return function.Encode(
            arguments
                .UInt(deadline)
                .UInt(27u + signature[64])
                .FixedBytes(signature.AsSpan(0, 32))
                .FixedBytes(signature.AsSpan(32, 32)));
    }

    // By the newest block's time, or by the clock if that is later: a quiet chain's newest block may be old.
    private async Task<ulong> DeadlineAsync(CancellationToken cancellationToken)
    {
        var block = PayerWallet.Must(
            "the newest block", await _wallet.Rpc.GetBlockAsync(BlockTag.Latest, cancellationToken).ConfigureAwait(false));
        var now = (ulong)_wallet.Time.GetUtcNow().ToUnixTimeSeconds();
        return Math.Max(now, block?.KnownTimestamp ?? 0) + ValidForSeconds;
    }
}
