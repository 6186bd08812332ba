using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain;

/// <summary>The result of a mined transaction.</summary>
/// <param name="TransactionHash">The transaction.</param>
/// <param name="Succeeded">False when it was mined but reverted: the nonce is used and the gas is paid nevertheless.</param>
/// <param name="BlockNumber">The block.</param>
/// <param name="BlockHash">The block's hash.</param>
/// <param name="GasUsed">The gas used; null when the endpoint does not send it.</param>
/// <param name="EffectiveGasPrice">The price per unit of gas; null when the endpoint does not send it.</param>
/// <param name="Logs">The logs of contracts in it.</param>
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

    /// <summary>A receipt from one of the transaction's logs: it was mined, in which block, and did not revert.</summary>
    public static TransactionReceipt Of(LogEntry log) => new(log.TransactionHash, true, log.BlockNumber, log.BlockHash, null, null, [log]);

    /// <summary>Reads a receipt.</summary>
    /// <exception cref="FormatException">The value is not a receipt.</exception>
    public static TransactionReceipt Read(JsonElement json) => new(
        RpcValue.Bytes32(RpcValue.Member(json, "transactionHash"u8)),
        ReadStatus(json),
        RpcValue.UInt64(RpcValue.Member(json, "blockNumber"u8)),
        RpcValue.Bytes32(RpcValue.Member(json, "blockHash"u8)),
        RpcValue.UInt64Hint(json, "gasUsed"u8),
        RpcValue.WeiHint(json, "effectiveGasPrice"u8),
        ReadLogs(RpcValue.Member(json, "logs"u8)));

    // Logs mean that the transaction did not revert; without logs the status is required.
    private static bool ReadStatus(JsonElement json) =>
        RpcValue.UInt64Hint(json, "status"u8) is { } status ? status == 1
        : RpcValue.OptionalMember(json, "logs"u8) is { ValueKind: JsonValueKind.Array } logs && logs.GetArrayLength() > 0 ? true
        : throw new FormatException("expected a status");
}
