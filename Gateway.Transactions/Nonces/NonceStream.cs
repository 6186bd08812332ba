using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>One sequence of nonces: an account on a chain. Two payers, or two chains, in one store never meet.</summary>
/// <param name="ChainId">The chain.</param>
/// <param name="Address">The account that signs.</param>
public readonly record struct NonceStream(ulong ChainId, EthereumAddress Address)
{
    /// <summary>Such as <c>31337:0xf39f…2266</c>, in lower case: what store keys carry.</summary>
    public override string ToString() => $"{ChainId}:0x{Convert.ToHexStringLower(Address.Bytes)}";
}
