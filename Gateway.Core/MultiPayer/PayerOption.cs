using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Options of a payer, whose value is replaced when the payers file changes. Who reads them again sees the new value.</summary>
internal sealed class PayerOption<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(T value)
    : IOptions<T>
    where T : class
{
    private volatile T _value = value;

    /// <inheritdoc/>
    public T Value => _value;

    /// <summary>Replaces the value.</summary>
    internal void Use(T value) => _value = value;
}
