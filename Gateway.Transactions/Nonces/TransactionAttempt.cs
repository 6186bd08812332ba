using System.Globalization;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>What a signed transaction does with its nonce.</summary>
public enum AttemptKind
{
    /// <summary>Publishes the caller's payload.</summary>
    Payload,

    /// <summary>Transfers nothing to the account itself: its only effect is to use the nonce.</summary>
    Cancellation,
}

/// <summary>
/// One transaction signed for a nonce. A nonce has several when one was replaced; at most one of them is ever mined.
/// </summary>
/// <param name="Hash">The transaction's hash.</param>
/// <param name="Kind">Payload or cancellation.</param>
/// <param name="MaxFee">The max fee per unit of gas; the gas price of a legacy transaction.</param>
/// <param name="MaxPriorityFee">The tip per unit of gas; the gas price of a legacy transaction.</param>
public sealed record TransactionAttempt(Bytes32 Hash, AttemptKind Kind, Wei MaxFee, Wei MaxPriorityFee)
{
    /// <summary>
    /// The key of the payload that the nonce was reserved for: the same on every attempt of the nonce, including a
    /// cancellation, so that a process that takes over the nonce knows what may still be published. Null when there is none.
    /// </summary>
    public Bytes32? PayloadKey { get; init; }

    // Letter of the kind, hash, two decimal prices, and the payload's key if there is one:
    // P:0x…:2000000000:1000000000:0x…
    internal string Format() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Kind == AttemptKind.Cancellation ? 'F' : 'P')}:{Hash}:{MaxFee.Amount}:{MaxPriorityFee.Amount}" +
        $"{(PayloadKey is { } key ? $":{key}" : "")}");

    /// <summary>Parses what this release or the previous one wrote.</summary>
    /// <returns>Null when the text is in neither format.</returns>
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
