using Xmtp.Gateway.Chain.Abi;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>A function of a contract, by its signature such as <c>getRates(uint256,uint256)</c>.</summary>
public sealed class ContractFunction(string signature)
{
    private readonly byte[] selector = AbiSignature.Selector(signature);

    /// <summary>The signature.</summary>
    public string Signature => signature;

    /// <summary>The name without the types.</summary>
    public string Name => signature[..signature.IndexOf('(', StringComparison.Ordinal)];

    /// <summary>4 bytes.</summary>
    public ReadOnlySpan<byte> Selector => selector;

    /// <summary>The data of a call.</summary>
    /// <param name="arguments">The arguments in their order; null for none.</param>
    public byte[] Encode(AbiWriter? arguments = null) => (arguments ?? new AbiWriter()).ToArray(selector);
}
