using System.Globalization;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>
/// Reads and writes an entry in the store's format: <c>state|owner|lease end|since|attempts</c>, attempts separated by
/// commas.
/// </summary>
internal static class RedisNonceEntry
{
    public static string Letter(NonceState state) => state switch
    {
        NonceState.Reserved => "r",
        NonceState.Signed => "s",
        NonceState.Broadcast => "b",
        _ => "x",
    };

    public static string Format(IReadOnlyList<TransactionAttempt> attempts) =>
        string.Join(',', attempts.Select(attempt => attempt.Format()));

    /// <summary>Reads an entry. An unreadable entry counts as a broadcast transaction of which nothing is known.</summary>
    public static NonceEntry Read(ulong nonce, string value, byte[] raw)
    {
        var parts = value.Split('|');
        if (parts.Length != 5 || !TryParseTime(parts[2], out var leaseUntil) || !TryParseTime(parts[3], out var since))
            return new NonceEntry(nonce, NonceState.Broadcast, "", default, default, [], raw);
        var state = parts[0] switch
        {
            "r" => NonceState.Reserved,
            "s" => NonceState.Signed,
            "x" => NonceState.Refused,
            _ => NonceState.Broadcast
        };
        return new NonceEntry(nonce, state, parts[1], leaseUntil, since, ReadAttempts(parts[4]), raw);
    }

    /// <summary>Reads a kept transaction without its bytes, <c>nonce|attempts|</c>.</summary>
    /// <returns>Null when it is unreadable.</returns>
    public static NonceEntry? ReadMined(string value)
    {
        var parts = value.Split('|');
        return parts.Length >= 2 && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var nonce)
            ? new NonceEntry(nonce, NonceState.Broadcast, "", default, default, ReadAttempts(parts[1]), default)
            : null;
    }

    private static TransactionAttempt[] ReadAttempts(string attempts) => attempts.Length == 0
        ? []
        : [.. attempts.Split(',').Select(TransactionAttempt.Read).OfType<TransactionAttempt>()];

    private static bool TryParseTime(string milliseconds, out DateTimeOffset time)
    {
        var isNumber = long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var since1970)
            && since1970 <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        time = isNumber ? DateTimeOffset.FromUnixTimeMilliseconds(since1970) : default;
        return isNumber;
    }

    public static DateTimeOffset Time(string milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture));
}
