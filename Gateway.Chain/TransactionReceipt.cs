using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain;

/// <summary>The result of a mined transaction.</summary>
/// <param name="TransactionHash">The transaction.</param>
/// <param name="Succeeded">
/// False when it was mined but reverted: the nonce is used and the gas is paid nevertheless. False too when the endpoint
/// sends neither a status nor logs (<see cref="IsStatusKnown"/>).
/// </param>
/// <param name="BlockNumber">The block.</param>
/// <param name="BlockHash">The block's hash; zero when the endpoint sends it in no place.</param>
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
    /// <summary>Whether a status or a log tells the result; without them it may be known later, or elsewhere.</summary>
    public bool IsStatusKnown { get; init; } = true;

    /// <summary>
    /// Whether the endpoint sent the logs, and each could be read; the block's logs (<c>eth_getLogs</c>) may have the rest.
    /// </summary>
    public bool AreLogsComplete { get; init; } = true;

    /// <summary>A receipt from one of the transaction's logs: it was mined, in which block, and did not revert.</summary>
    public static TransactionReceipt Of(LogEntry log) => new(log.TransactionHash, true, log.BlockNumber, log.BlockHash, null, null, [log]);

    /// <summary>Reads a receipt. A log that cannot be read is left out.</summary>
    /// <exception cref="FormatException">The value is not a receipt; the message names the member.</exception>
    public static TransactionReceipt Read(JsonElement json)
    {
        var hash = RpcValue.Required(json, "transactionHash"u8, RpcValue.Bytes32);
        var number = RpcValue.Required(json, "blockNumber"u8, RpcValue.UInt64);
        var block = RpcValue.Bytes32Hint(json, "blockHash"u8);
        JsonElement[]? sent = RpcValue.OptionalMember(json, "logs"u8) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray()]
            : null;
        LogEntry[] logs = [.. (sent ?? []).Select((log, place) => TryReadLog(log, hash, number, block, place)).OfType<LogEntry>()];
        // Logs mean that the transaction did not revert.
        var status = RpcValue.FlagHint(json, "status"u8) ?? (sent is { Length: > 0 } ? true : (bool?)null);
        return new TransactionReceipt(
            hash,
            status == true,
            number,
            block ?? logs.FirstOrDefault()?.BlockHash ?? default,
            RpcValue.UInt64Hint(json, "gasUsed"u8),
            RpcValue.WeiHint(json, "effectiveGasPrice"u8),
            logs)
        {
            IsStatusKnown = status is not null,
            AreLogsComplete = logs.Length == sent?.Length,
        };
    }

    private static LogEntry? TryReadLog(JsonElement json, Bytes32 transaction, ulong blockNumber, Bytes32? blockHash, int place)
    {
        try
        {
            return LogEntry.ReadOf(json, transaction, blockNumber, blockHash, place);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
