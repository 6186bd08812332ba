using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain;

/// <summary>What became of a mined transaction.</summary>
/// <param name="TransactionHash">The transaction.</param>
/// <param name="Succeeded">False when it was mined but reverted: the nonce is used and the gas paid all the same.</param>
/// <param name="BlockNumber">The block.</param>
/// <param name="BlockHash">The block's hash.</param>
/// <param name="GasUsed">The gas that it took; null where it is not told.</param>
/// <param name="EffectiveGasPrice">What a unit of gas cost; null where the endpoint does not say.</param>
/// <param name="Logs">What contracts logged in it.</param>
public sealed record TransactionReceipt(
    Bytes32 TransactionHash,
    bool Succeeded,
    ulong BlockNumber,
    Bytes32 BlockHash,
    ulong? GasUsed,
    Wei? EffectiveGasPrice,
    IReadOnlyList<LogEntry> Logs)
{
    private static readonly Func<JsonElement, IReadOnlyList<LogEntry>> ReadLogs = RpcValue.List(LogEntry.Read);

    /// <summary>What one of its logs says of a transaction: that it was mined, where, and that it did not revert.</summary>
    public static TransactionReceipt Of(LogEntry log) => new(log.TransactionHash, true, log.BlockNumber, log.BlockHash, null, null, [log]);

    /// <summary>Reads a receipt.</summary>
    /// <exception cref="FormatException">It is no receipt.</exception>
    public static TransactionReceipt Read(JsonElement json) => new(
        RpcValue.Bytes32(RpcValue.Member(json, "transactionHash"u8)),
        ReadStatus(json),
        RpcValue.UInt64(RpcValue.Member(json, "blockNumber"u8)),
        RpcValue.Bytes32(RpcValue.Member(json, "blockHash"u8)),
        RpcValue.UInt64Hint(json, "gasUsed"u8),
        RpcValue.WeiHint(json, "effectiveGasPrice"u8),
        ReadLogs(RpcValue.Member(json, "logs"u8)));

    // Logs are of a transaction that did not revert; without logs nothing but the status tells.
    private static bool ReadStatus(JsonElement json) =>
        RpcValue.UInt64Hint(json, "status"u8) is { } status ? status == 1
        : RpcValue.OptionalMember(json, "logs"u8) is { ValueKind: JsonValueKind.Array } logs && logs.GetArrayLength() > 0 ? true
        : throw new FormatException("expected a status");
}
