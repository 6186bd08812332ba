using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain;

/// <summary>Selects logs by contract, topics and blocks.</summary>
public sealed record LogFilter : IRpcParameter
{
    /// <summary>The contracts; empty for any.</summary>
    public IReadOnlyList<EthereumAddress> Addresses { get; init; } = [];

    /// <summary>
    /// By position, the topics of which one must match; an empty or null position matches any. At most 4 positions.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<Bytes32>?> Topics { get; init; } = [];

    /// <summary>The first block; not sent when null, as subscriptions require.</summary>
    public BlockTag? FromBlock { get; init; }

    /// <summary>The last block, included; not sent when null.</summary>
    public BlockTag? ToBlock { get; init; }

    /// <summary>A single block instead of a range.</summary>
    public Bytes32? BlockHash { get; init; }

    /// <summary>The same filter over the blocks from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public LogFilter Between(ulong first, ulong last) =>
        this with { FromBlock = BlockTag.At(first), ToBlock = BlockTag.At(last), BlockHash = null };

    /// <summary>The same filter over one block.</summary>
    public LogFilter In(Bytes32 block) => this with { FromBlock = null, ToBlock = null, BlockHash = block };

    /// <inheritdoc/>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (FromBlock is { } from) writer.WriteString("fromBlock"u8, from.ToString());
        if (ToBlock is { } to) writer.WriteString("toBlock"u8, to.ToString());
        if (BlockHash is { } hash) writer.WriteString("blockHash"u8, hash.ToString());
        if (Addresses.Count > 0) Write(writer, "address", Addresses);
        if (Topics.Count > 0) Write(writer, "topics", Topics.Select(any => any is { Count: > 0 } ? any : null).ToArray());
        writer.WriteEndObject();
    }

    /// <summary>Reads a log that an endpoint sent for this filter; null when it is unreadable and does not match the filter.</summary>
    /// <exception cref="FormatException">The log cannot be read, and it may match.</exception>
    internal LogEntry? Read(JsonElement json)
    {
        try
        {
            return LogEntry.Read(json);
        }
        catch (FormatException) when (!MayMatch(json))
        {
            return null;
        }
    }

    // By the contract and the first topic; what cannot be read may match.
    private bool MayMatch(JsonElement json)
    {
        if (Addresses.Count > 0
            && RpcValue.DataHint(json, "address"u8) is { Length: EthereumAddress.Size } address
            && !Addresses.Contains(new EthereumAddress(address.Span)))
        {
            return false;
        }

        if (Topics.Count == 0 || Topics[0] is not { Count: > 0 } events) return true;
        if (RpcValue.OptionalMember(json, "topics"u8) is not { ValueKind: JsonValueKind.Array } topics) return true;
        if (topics.GetArrayLength() == 0) return false;
        return topics[0].ValueKind != JsonValueKind.String
            || !Bytes32.TryParse(JsonText.Of(topics[0]), out var topic)
            || events.Contains(topic);
    }

    private static void Write(Utf8JsonWriter writer, string name, object value)
    {
        writer.WritePropertyName(name);
        RpcRequest.WriteValue(writer, value);
    }
}
