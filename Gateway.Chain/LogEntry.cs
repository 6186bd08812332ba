using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain;

/// <summary>A log of a contract in a mined transaction.</summary>
/// <param name="Address">The contract.</param>
/// <param name="Topics">At most 4; the first identifies the event, the others are its indexed members.</param>
/// <param name="Data">The members that are not indexed.</param>
/// <param name="BlockNumber">The block.</param>
/// <param name="BlockHash">The block's hash; together with <paramref name="LogIndex"/> it identifies the log.</param>
/// <param name="TransactionHash">The transaction.</param>
/// <param name="LogIndex">Its index in the block.</param>
/// <param name="Removed">Whether a reorganization removed the block from the chain.</param>
public sealed record LogEntry(
    EthereumAddress Address,
    IReadOnlyList<Bytes32> Topics,
    ReadOnlyMemory<byte> Data,
    ulong BlockNumber,
    Bytes32 BlockHash,
    Bytes32 TransactionHash,
    ulong LogIndex,
    bool Removed)
{
    /// <summary>
    /// The block's time, in seconds since 1970; null when the endpoint sends none or zero. The block itself has it.
    /// </summary>
    public ulong? BlockTimestamp { get; init; }

    private static readonly Func<JsonElement, IReadOnlyList<Bytes32>> ReadTopics = RpcValue.List(RpcValue.Bytes32);

    /// <summary>Whether this is the event with this first topic.</summary>
    public bool Is(Bytes32 eventTopic) => Topics.Count > 0 && Topics[0] == eventTopic;

    /// <summary>Reads a log from a receipt, a query or a subscription.</summary>
    /// <exception cref="FormatException">The value is not a log of a mined transaction.</exception>
    public static LogEntry Read(JsonElement json) => new(
        RpcValue.Address(RpcValue.Member(json, "address"u8)),
        ReadTopics(RpcValue.Member(json, "topics"u8)),
        RpcValue.Data(RpcValue.Member(json, "data"u8)),
        RpcValue.UInt64(RpcValue.Member(json, "blockNumber"u8)),
        RpcValue.Bytes32(RpcValue.Member(json, "blockHash"u8)),
        RpcValue.Bytes32(RpcValue.Member(json, "transactionHash"u8)),
        RpcValue.UInt64(RpcValue.Member(json, "logIndex"u8)),
        RpcValue.OptionalMember(json, "removed"u8)?.ValueKind == JsonValueKind.True)
    {
        // A hint that endpoints leave out or fill with zeros; only the block itself is reliable.
        BlockTimestamp = RpcValue.UInt64Hint(json, "blockTimestamp"u8) is { } time and > 0 ? time : null,
    };
}
