using System.Globalization;

namespace Xmtp.Gateway.AppChain.Nonces;

/// <summary>Reads and writes an entry as the store holds it: <c>state|owner|lease end|since|versions</c>, versions separated by commas.</summary>
internal static class RedisNonceEntry
{
    public static string Letter(NonceState state) => state switch
    {
        NonceState.Reserved => "r",
        NonceState.Signed => "s",
        NonceState.Broadcast => "b",
        _ => "x",
    };

    public static string Format(IReadOnlyList<TransactionVersion> versions) => string.Join(',', versions.Select(version => version.Format()));

    public static NonceEntry Parse(ulong nonce, string value, byte[] raw)
    {
        var parts = value.Split('|');
        var state = parts[0] switch { "r" => NonceState.Reserved, "s" => NonceState.Signed, "b" => NonceState.Broadcast, _ => NonceState.Refused };
        TransactionVersion[] versions = parts[4].Length == 0 ? [] : [.. parts[4].Split(',').Select(TransactionVersion.Parse)];
        return new NonceEntry(nonce, state, parts[1], Time(parts[2]), Time(parts[3]), versions, raw);
    }

    public static DateTimeOffset Time(string milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(milliseconds, CultureInfo.InvariantCulture));
}
