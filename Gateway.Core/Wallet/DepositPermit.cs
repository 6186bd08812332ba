using System.Numerics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Wallet;

/// <summary>The approval of a deposit as a signature in the deposit's own transaction: a permit (EIP-2612).</summary>
/// <remarks>It approves the payer registry for exactly the amount, once, and for an hour.</remarks>
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

    /// <summary>The call of a deposit with the permit, which is signed here.</summary>
    /// <param name="function">A deposit with a permit.</param>
    /// <param name="amount">What is deposited.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <exception cref="WalletException">The newest block cannot be read.</exception>
    internal async Task<byte[]> EncodeAsync(ContractFunction function, Microdollars amount, CancellationToken cancellationToken)
    {
        var deadline = await DeadlineAsync(cancellationToken).ConfigureAwait(false);
        var digest = TokenContract.PermitDigest(
            _domainSeparator, _wallet.Address, _wallet.Registry.Address, amount, _nonce, deadline);
        var signature = new byte[65];
        await _wallet.Signer.SignAsync(digest, signature, cancellationToken).ConfigureAwait(false);
        return function.Encode(
            new AbiWriter()
                .Address(_wallet.Address)
                .UInt((UInt128)amount.Value)
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
