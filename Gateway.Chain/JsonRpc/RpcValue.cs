using System.Globalization;
using System.Text.Json;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Reads JSON values as JSON-RPC writes them. An invalid value throws <see cref="FormatException"/>.</summary>
/// <remarks>
/// Endpoints write quantities in different ways: leading zeros and JSON numbers are accepted as well. A member that is
/// not required is a hint: null when it is missing or of a type that cannot be read. Hints may be decimal text too.
/// </remarks>
public static class RpcValue
{
    // Year 2255; the nanoseconds of later times have more than 63 bits, and milliseconds are later.
    private const ulong MaxSeconds = 9_000_000_000;

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
        OptionalMember(value, name) is { } member && Hint(member) is { } number && number <= ulong.MaxValue ? (ulong)number : null;

    /// <summary>A quantity of wei that a method may leave out; null when it is missing or cannot be read.</summary>
    public static Wei? WeiHint(JsonElement value, ReadOnlySpan<byte> name) =>
        OptionalMember(value, name) is { } member && Hint(member) is { } number ? new Wei(number) : null;

    /// <summary>
    /// A time in seconds since 1970 that a method may leave out; null when it is missing, zero, cannot be read, or is so
    /// large that it is in another unit.
    /// </summary>
    internal static ulong? SecondsHint(JsonElement value, ReadOnlySpan<byte> name) =>
        UInt64Hint(value, name) is { } seconds and > 0 and <= MaxSeconds ? seconds : null;

    /// <summary>
    /// Yes or no, as a Boolean, a quantity of 0 or 1, or the text of one; null when it is missing or anything else.
    /// </summary>
    internal static bool? FlagHint(JsonElement value, ReadOnlySpan<byte> name)
    {
        if (OptionalMember(value, name) is not { } member) return null;
        if (member.ValueKind is JsonValueKind.True or JsonValueKind.False) return member.GetBoolean();
        if (Text(member) is { } text && bool.TryParse(text, out var flag)) return flag;
        return Hint(member) switch { { } number when number == 0 => false, { } number when number == 1 => true, _ => null };
    }

    /// <summary>32 bytes that a method may leave out; null when they are missing or cannot be read.</summary>
    internal static Bytes32? Bytes32Hint(JsonElement value, ReadOnlySpan<byte> name) =>
        OptionalMember(value, name) is { } member && Chain.Bytes32.TryParse(Text(member), out var bytes) ? bytes : null;

    /// <summary>A member that must be there. Another value throws a <see cref="FormatException"/> that names the member.</summary>
    internal static T Required<T>(JsonElement value, ReadOnlySpan<byte> name, Func<JsonElement, T> read)
    {
        var member = Member(value, name);
        try
        {
            return read(member);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"{System.Text.Encoding.UTF8.GetString(name)}: {exception.Message}", exception);
        }
    }

    /// <summary>Bytes.</summary>
    public static ReadOnlyMemory<byte> Data(JsonElement value) =>
        HexData.TryParse(Text(value), out var bytes) ? bytes : throw new FormatException("expected 0x and hexadecimal digits");

    /// <summary>Bytes that a method may leave out; null when they are missing or cannot be read.</summary>
    internal static ReadOnlyMemory<byte>? DataHint(JsonElement value, ReadOnlySpan<byte> name) =>
        OptionalMember(value, name) is { } member && HexData.TryParse(Text(member), out var bytes)
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
        if (value.ValueKind == JsonValueKind.String) return HexQuantity.TryParse(Text(value), out UInt128 number) ? number : null;
        if (value.ValueKind != JsonValueKind.Number) return null;
        if (UInt128.TryParse(value.GetRawText(), NumberStyles.None, CultureInfo.InvariantCulture, out var whole)) return whole;
        return value.TryGetDecimal(out var written) && written >= 0 && decimal.IsInteger(written) ? (UInt128)written : null;
    }

    // Null for anything but a quantity or the decimal text of one.
    private static UInt128? Hint(JsonElement value) =>
        Quantity(value)
        ?? (Text(value) is { } text && UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null);

    private static string? Text(JsonElement value) => JsonText.Of(value);
}
