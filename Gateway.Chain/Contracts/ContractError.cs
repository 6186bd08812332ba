using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Chain.Abi;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>An error with which a contract reverts, by its signature, such as <c>Paused()</c>.</summary>
public sealed class ContractError(string signature)
{
    private readonly byte[] _selector = AbiSignature.Selector(signature);

    /// <summary>The signature.</summary>
    public string Signature => signature;

    /// <summary>4 bytes.</summary>
    public ReadOnlySpan<byte> Selector => _selector;

    /// <summary>Whether revert data is this error, whatever its arguments.</summary>
    public bool Is(ReadOnlyMemory<byte> data) => data.Span.StartsWith(_selector);

    /// <summary>Reads the arguments of this error.</summary>
    /// <returns>False when the data is another error, or is not encoded as this one.</returns>
    public bool TryRead<T>(ReadOnlyMemory<byte> data, Func<AbiReader, T> read, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (!Is(data)) return false;
        try
        {
            value = read(new AbiReader(data[_selector.Length..]));
            return true;
        }
        catch (AbiException)
        {
            return false;
        }
    }
}
