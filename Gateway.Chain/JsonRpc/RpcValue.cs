using System.Text.Json;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Reads JSON values as JSON-RPC writes them. What is not such a value is a <see cref="FormatException"/>.</summary>
public static class RpcValue
{
    /// <summary>A quantity of up to 64 bits.</summary>
    public static ulong UInt64(JsonElement value) =>
        HexQuantity.TryParse(Text(value), out ulong number) ? number : throw new FormatException("expected a quantity of up to 64 bits");

    /// <summary>A quantity of wei of up to 128 bits.</summary>
    public static Wei Wei(JsonElement value) =>
        HexQuantity.TryParse(Text(value), out UInt128 number) ? new Wei(number) : throw new FormatException("expected a quantity of up to 128 bits");

    /// <summary>Bytes.</summary>
    public static ReadOnlyMemory<byte> Data(JsonElement value) =>
        HexData.TryParse(Text(value), out var bytes) ? bytes : throw new FormatException("expected 0x and hexadecimal digits");

    /// <summary>32 bytes.</summary>
    public static Bytes32 Bytes32(JsonElement value) => Chain.Bytes32.Parse(Text(value) ?? string.Empty);

    /// <summary>20 bytes.</summary>
    public static EthereumAddress Address(JsonElement value) =>
        Data(value) is { Length: EthereumAddress.Size } bytes ? new EthereumAddress(bytes.Span) : throw new FormatException("expected 20 bytes");

    /// <summary>The member of an object.</summary>
    public static JsonElement Member(JsonElement value, ReadOnlySpan<byte> name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member)
            ? member
            : throw new FormatException($"expected an object with {System.Text.Encoding.UTF8.GetString(name)}");

    /// <summary>The member of an object; null when it is absent or null.</summary>
    public static JsonElement? OptionalMember(JsonElement value, ReadOnlySpan<byte> name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    /// <summary>JSON null as null, anything else by <paramref name="read"/>.</summary>
    public static Func<JsonElement, T?> Optional<T>(Func<JsonElement, T> read)
        where T : class => value => value.ValueKind == JsonValueKind.Null ? null : read(value);

    /// <summary>An array, each element by <paramref name="read"/>.</summary>
    public static Func<JsonElement, IReadOnlyList<T>> List<T>(Func<JsonElement, T> read) => value =>
    {
        if (value.ValueKind != JsonValueKind.Array) throw new FormatException("expected an array");
        var items = new List<T>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray()) items.Add(read(item));
        return items;
    };

    private static string? Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
