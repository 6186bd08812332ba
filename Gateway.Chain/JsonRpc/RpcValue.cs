using System.Globalization;
using System.Text.Json;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Reads JSON values as JSON-RPC writes them. An invalid value throws <see cref="FormatException"/>.</summary>
/// <remarks>
/// Endpoints write quantities in different ways: leading zeros and JSON numbers are accepted as well. A member that is
/// not required is a hint: null when it is missing or of a type that cannot be read.
/// </remarks>
public static class RpcValue
{
    /// <summary>A quantity of up to 64 bits.</summary>
    public static ulong UInt64(JsonElement value) =>
        Quantity(value) is { } number && number <= ulong.MaxValue
            ? (ulong)number
            : throw new FormatException("expected a quantity of up to 64 bits");

    /// <summary>A quantity of wei of up to 128 bits.</summary>
    public static Wei Wei(JsonElement value) =>
        Quantity(value) is { } number ? new Wei(number) : throw new FormatException("expected a quantity of up to 128 bits");

    /// <summary>A quantity of up to 64 bits that a method may leave out; null when it is missing or cannot be read.</summary>
    public static ulong? UInt64Hint(JsonElement value, ReadOnlySpan<byte> name) =>
        OptionalMember(value, name) is { } member && Quantity(member) is { } number && number <= ulong.MaxValue ? (ulong)number : null;

    /// <summary>A quantity of wei that a method may leave out; null when it is missing or cannot be read.</summary>
    public static Wei? WeiHint(JsonElement value, ReadOnlySpan<byte> name) =>
        OptionalMember(value, name) is { } member && Quantity(member) is { } number ? new Wei(number) : null;

    /// <summary>Bytes.</summary>
    public static ReadOnlyMemory<byte> Data(JsonElement value) =>
        HexData.TryParse(Text(value), out var bytes) ? bytes : throw new FormatException("expected 0x and hexadecimal digits");

    /// <summary>Bytes that a method may leave out; null when they are missing or cannot be read.</summary>
    internal static ReadOnlyMemory<byte>? DataHint(JsonElement value, ReadOnlySpan<byte> name) =>
        OptionalMember(value, name) is { ValueKind: JsonValueKind.String } member && HexData.TryParse(member.GetString(), out var bytes)
            ? bytes
            : null;

    /// <summary>32 bytes.</summary>
    public static Bytes32 Bytes32(JsonElement value) => Chain.Bytes32.Parse(Text(value) ?? string.Empty);

    /// <summary>20 bytes.</summary>
    public static EthereumAddress Address(JsonElement value) =>
        Data(value) is { Length: EthereumAddress.Size } bytes
            ? new EthereumAddress(bytes.Span)
            : throw new FormatException("expected 20 bytes");

    /// <summary>The member of an object.</summary>
    public static JsonElement Member(JsonElement value, ReadOnlySpan<byte> name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member)
            ? member
            : throw new FormatException($"expected an object with {System.Text.Encoding.UTF8.GetString(name)}");

    /// <summary>The member of an object; null when it is absent or null.</summary>
    public static JsonElement? OptionalMember(JsonElement value, ReadOnlySpan<byte> name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    /// <summary>JSON null as null, anything else read by <paramref name="read"/>.</summary>
    public static Func<JsonElement, T?> Optional<T>(Func<JsonElement, T> read)
        where T : class => value => value.ValueKind == JsonValueKind.Null ? null : read(value);

    /// <summary>An array, each element read by <paramref name="read"/>.</summary>
    public static Func<JsonElement, IReadOnlyList<T>> List<T>(Func<JsonElement, T> read) => value =>
    {
        if (value.ValueKind != JsonValueKind.Array) throw new FormatException("expected an array");
        var items = new List<T>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray()) items.Add(read(item));
        return items;
    };

    // Null for anything but a whole number of up to 128 bits. Some servers write large numbers as 1.7e9.
    private static UInt128? Quantity(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) return HexQuantity.TryParse(value.GetString(), out UInt128 number) ? number : null;
        if (value.ValueKind != JsonValueKind.Number) return null;
        if (UInt128.TryParse(value.GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out var whole)) return whole;
        return value.TryGetDecimal(out var written) && written >= 0 && decimal.IsInteger(written) ? (UInt128)written : null;
    }

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
