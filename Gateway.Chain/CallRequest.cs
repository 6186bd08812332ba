using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain;

/// <summary>A call that is simulated, without a transaction, by <c>eth_call</c> or <c>eth_estimateGas</c>.</summary>
/// <param name="To">The contract; null simulates a deployment.</param>
/// <param name="Data">The selector and its arguments.</param>
public sealed record CallRequest(EthereumAddress? To, ReadOnlyMemory<byte> Data) : IRpcParameter
{
    /// <summary>The caller; the zero address when null.</summary>
    public EthereumAddress? From { get; init; }

    /// <summary>The native value sent along.</summary>
    public Wei Value { get; init; }

    /// <inheritdoc/>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (From is { } from) Write(writer, "from"u8, from);
        if (To is { } to) Write(writer, "to"u8, to);
        if (Value > Wei.Zero) writer.WriteString("value"u8, HexQuantity.Format(Value.Amount));
        writer.WritePropertyName("data"u8);
        RpcRequest.WriteData(writer, Data.Span);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, EthereumAddress address)
    {
        writer.WritePropertyName(name);
        RpcRequest.WriteData(writer, address.Bytes);
    }
}
