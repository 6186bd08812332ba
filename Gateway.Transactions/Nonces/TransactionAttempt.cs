using System.Globalization;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>What a signed transaction does with its nonce.</summary>
public enum AttemptKind
{
    /// <summary>It carries the caller's payload.</summary>
    Payload,

    /// <summary>It pays nothing to ourselves: all it does is use the nonce up.</summary>
    Cancellation,
}

/// <summary>One transaction signed for a nonce. A nonce has several when one was replaced; at most one of them is ever mined.</summary>
/// <param name="Hash">The transaction's hash.</param>
/// <param name="Kind">Payload or cancellation.</param>
/// <param name="MaxFee">The most it pays a unit of gas; the gas price of a legacy transaction.</param>
/// <param name="MaxPriorityFee">The tip a unit of gas; the gas price of a legacy transaction.</param>
public sealed record TransactionAttempt(Bytes32 Hash, AttemptKind Kind, Wei MaxFee, Wei MaxPriorityFee)
{
    /// <summary>
    /// Names the payload that the nonce was taken for: the same on every transaction of the nonce, also on the one that
    /// cancels it, so that whoever takes the nonce over knows what may still be published. Null when nothing is named.
    /// </summary>
    public Bytes32? PayloadKey { get; init; }

    // Kind letter, hash, two decimal prices, and the payload's key where there is one: P:0x…:2000000000:1000000000:0x…
    internal string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Kind == AttemptKind.Cancellation ? 'F' : 'P')}:{Hash}:{MaxFee.Amount}:{MaxPriorityFee.Amount}" +
        $"{(PayloadKey is { } key ? $":{key}" : "")}");

    /// <summary>Reads what this release or the one before wrote.</summary>
    /// <returns>Null when it is neither.</returns>
    internal static TransactionAttempt? Read(string text)
    {
        var parts = text.Split(':');
        if (parts.Length < 4
            || !Bytes32.TryParse(parts[1], out var hash)
            || ReadPrice(parts[2]) is not { } fee
            || ReadPrice(parts[3]) is not { } tip)
        {
            return null;
        }
        Bytes32? key = parts.Length > 4 && Bytes32.TryParse(parts[4], out var named) ? named : null;
        return new TransactionAttempt(hash, parts[0] == "F" ? AttemptKind.Cancellation : AttemptKind.Payload, fee, tip)
        {
            PayloadKey = key,
        };
    }

    private static Wei? ReadPrice(string text) =>
        UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? new Wei(amount) : null;
}
