using System.Buffers;
using System.Numerics;
using System.Text.Json;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Writes a request: <c>{"jsonrpc":"2.0","id":N,"method":"…","params":[…]}</c>.</summary>
internal static class RpcRequest
{
    public static ReadOnlyMemory<byte> Write(long id, string method, IReadOnlyList<object?> parameters)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(buffer);
        Write(writer, id, method, parameters);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Writes a batch, with ids from <paramref name="firstId"/> on.</summary>
    public static ReadOnlyMemory<byte> Write(long firstId, IReadOnlyList<RpcCall> calls)
    {
        var buffer = new ArrayBufferWriter<byte>(256 * calls.Count);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        for (var i = 0; i < calls.Count; i++) Write(writer, firstId + i, calls[i].Method, calls[i].Parameters);
        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, long id, string method, IReadOnlyList<object?> parameters)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc"u8, "2.0"u8);
        writer.WriteNumber("id"u8, id);
        writer.WriteString("method"u8, method);
        writer.WritePropertyName("params"u8);
        WriteValue(writer, parameters);
        writer.WriteEndObject();
    }

    public static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case byte[] bytes: WriteData(writer, bytes); break;
            case ReadOnlyMemory<byte> bytes: WriteData(writer, bytes.Span); break;
            case EthereumAddress address: WriteData(writer, address.Bytes); break;
            case Bytes32 bytes: WriteData(writer, bytes.ToArray()); break;
            case Wei wei: writer.WriteStringValue(HexQuantity.Format(wei.Amount)); break;
            case ulong number: writer.WriteStringValue(HexQuantity.Format(number)); break;
            case uint number: writer.WriteStringValue(HexQuantity.Format(number)); break;
            case int number: writer.WriteStringValue(HexQuantity.Format(checked((UInt128)number))); break;
            case UInt128 number: writer.WriteStringValue(HexQuantity.Format(number)); break;
            case BigInteger number: writer.WriteStringValue(HexQuantity.Format(checked((UInt128)number))); break;
            case IRpcParameter parameter: parameter.WriteTo(writer); break;
            case System.Collections.IEnumerable list: WriteList(writer, list); break;
            default: throw new ArgumentException($"a {value.GetType().Name} cannot be sent", nameof(value));
        }
    }

    // A transaction may be 256 KiB: its digits are written directly to the writer, without a string.
    public static void WriteData(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes)
    {
        var digits = ArrayPool<byte>.Shared.Rent(2 + (2 * bytes.Length));
        "0x"u8.CopyTo(digits);
        Convert.TryToHexStringLower(bytes, digits.AsSpan(2), out var written);
        writer.WriteStringValue(digits.AsSpan(0, 2 + written));
        ArrayPool<byte>.Shared.Return(digits);
    }

    private static void WriteList(Utf8JsonWriter writer, System.Collections.IEnumerable list)
    {
        writer.WriteStartArray();
        foreach (var item in list) WriteValue(writer, item);
        writer.WriteEndArray();
    }
}
