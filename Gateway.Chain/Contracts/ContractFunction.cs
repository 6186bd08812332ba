using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Chain.Abi;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>A function of a contract, by its signature, such as <c>getRates(uint256,uint256)</c>.</summary>
public sealed class ContractFunction(string signature)
{
    private readonly byte[] _selector = AbiSignature.Selector(signature);

    /// <summary>The signature.</summary>
    public string Signature => signature;

    /// <summary>The name without the types.</summary>
    public string Name => signature[..signature.IndexOf('(', StringComparison.Ordinal)];

    /// <summary>4 bytes.</summary>
    public ReadOnlySpan<byte> Selector => _selector;

    /// <summary>The data of a call.</summary>
    /// <param name="arguments">The arguments in order; null for none.</param>
    public byte[] Encode(AbiWriter? arguments = null) => (arguments ?? new AbiWriter()).ToArray(_selector);

    /// <summary>Reads the data of a call.</summary>
    /// <param name="call">The selector and the arguments.</param>
    /// <param name="read">Reads the arguments.</param>
    /// <param name="arguments">The arguments; null when the method returns false.</param>
    /// <returns>False when the data calls another function, or is not encoded as a call of this one.</returns>
    public bool TryRead<T>(ReadOnlyMemory<byte> call, Func<AbiReader, T> read, [NotNullWhen(true)] out T? arguments)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(read);
        arguments = null;
        if (!call.Span.StartsWith(_selector)) return false;
        try
        {
            arguments = read(new AbiReader(call[_selector.Length..]));
            return true;
        }
        catch (AbiException)
        {
            return false;
        }
    }
}
