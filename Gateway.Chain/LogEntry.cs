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
    /// The block's time, in seconds since 1970; null when the endpoint sends none, zero, or no seconds. The block itself has it.
    /// </summary>
    public ulong? BlockTimestamp { get; init; }

    private static readonly Func<JsonElement, IReadOnlyList<Bytes32>> ReadTopics = RpcValue.List(RpcValue.Bytes32);

    /// <summary>Whether this is the event with this first topic.</summary>
    public bool Is(Bytes32 eventTopic) => Topics.Count > 0 && Topics[0] == eventTopic;

    /// <summary>Reads a log from a query or a subscription.</summary>
    /// <exception cref="FormatException">The value is not a log of a mined transaction; the message names the member.</exception>
    public static LogEntry Read(JsonElement json) => Read(
        json,
        RpcValue.Required(json, "blockNumber"u8, RpcValue.UInt64),
        RpcValue.Required(json, "blockHash"u8, RpcValue.Bytes32),
        RpcValue.Required(json, "transactionHash"u8, RpcValue.Bytes32),
        RpcValue.Required(json, "logIndex"u8, RpcValue.UInt64));

    /// <summary>Reads a log of a receipt, whose members it may leave out; its index may be its place in the receipt.</summary>
    /// <exception cref="FormatException">The value is not a log.</exception>
    internal static LogEntry ReadOf(JsonElement json, Bytes32 transaction, ulong blockNumber, Bytes32? blockHash, int place) => Read(
        json,
        blockNumber,
        blockHash ?? RpcValue.Bytes32Hint(json, "blockHash"u8) ?? default,
        transaction,
        RpcValue.UInt64Hint(json, "logIndex"u8) ?? (ulong)place);

    private static LogEntry Read(JsonElement json, ulong blockNumber, Bytes32 blockHash, Bytes32 transaction, ulong index) => new(
        RpcValue.Required(json, "address"u8, RpcValue.Address),
        RpcValue.Required(json, "topics"u8, ReadTopics),
        RpcValue.Required(json, "data"u8, RpcValue.Data),
        blockNumber,
        blockHash,
        transaction,
        index,
        RpcValue.FlagHint(json, "removed"u8) == true)
    {
        // A hint that endpoints leave out or fill with zeros; only the block itself is reliable.
        BlockTimestamp = RpcValue.SecondsHint(json, "blockTimestamp"u8),
    };
}
