using System.Globalization;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.AppChain.Nonces;

/// <summary>What a signed transaction does with its nonce.</summary>
public enum VersionKind
{
    /// <summary>It carries the caller's payload.</summary>
    Payload,

    /// <summary>It pays nothing to ourselves: all it does is use the nonce up.</summary>
    Fill,
}

/// <summary>One transaction signed for a nonce. A nonce has several when one was replaced; at most one of them is ever mined.</summary>
/// <param name="Hash">The transaction's hash.</param>
/// <param name="Kind">Payload or fill.</param>
/// <param name="MaxFee">The most it pays a unit of gas; the gas price of a legacy transaction.</param>
/// <param name="MaxPriorityFee">The tip a unit of gas; the gas price of a legacy transaction.</param>
public sealed record TransactionVersion(Bytes32 Hash, VersionKind Kind, Wei MaxFee, Wei MaxPriorityFee)
{
    // kind letter, hash, two decimal prices: P:0x…:2000000000:1000000000
    internal string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Kind == VersionKind.Fill ? 'F' : 'P')}:{Hash}:{MaxFee.Amount}:{MaxPriorityFee.Amount}");

    internal static TransactionVersion Parse(string text)
    {
        var parts = text.Split(':');
        return new(
            Bytes32.Parse(parts[1]),
            parts[0] == "F" ? VersionKind.Fill : VersionKind.Payload,
            new Wei(UInt128.Parse(parts[2], CultureInfo.InvariantCulture)),
            new Wei(UInt128.Parse(parts[3], CultureInfo.InvariantCulture)));
    }
}
