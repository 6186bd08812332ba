using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The nonce sequence of an account on a chain. In one store, different payers or chains are kept apart.</summary>
/// <param name="ChainId">The chain.</param>
/// <param name="Address">The account that signs.</param>
public readonly record struct NonceStream(ulong ChainId, EthereumAddress Address)
{
    /// <summary>Such as <c>31337:0xf39f…2266</c>, in lower case; part of the store's keys.</summary>
    public override string ToString() => $"{ChainId}:0x{Convert.ToHexStringLower(Address.Bytes)}";
}
