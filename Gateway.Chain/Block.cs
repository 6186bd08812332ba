using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain;

/// <summary>The head of a block.</summary>
/// <param name="Number">Its height.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="ParentHash">The hash of the block before it.</param>
/// <param name="Timestamp">Its time, in whole seconds since 1970; 0 when the endpoint does not send it in seconds.</param>
/// <param name="BaseFee">The minimum price per unit of gas; null on a chain without a base fee.</param>
public sealed record Block(ulong Number, Bytes32 Hash, Bytes32 ParentHash, ulong Timestamp, Wei? BaseFee)
{
    /// <summary>The time; null when the endpoint does not send it.</summary>
    public ulong? KnownTimestamp => Timestamp > 0 ? Timestamp : null;

    /// <summary>The filter of the logs in the block; null when the endpoint sends none or an invalid one.</summary>
    public LogsBloom? Bloom { get; init; }

    /// <summary>Reads a block, or a head from a subscription.</summary>
    /// <exception cref="FormatException">The value is not a block.</exception>
    public static Block Read(JsonElement json) => new(
        RpcValue.Required(json, "number"u8, RpcValue.UInt64),
        RpcValue.Required(json, "hash"u8, RpcValue.Bytes32),
        RpcValue.Required(json, "parentHash"u8, RpcValue.Bytes32),
        RpcValue.SecondsHint(json, "timestamp"u8) ?? 0,
        RpcValue.WeiHint(json, "baseFeePerGas"u8))
    {
        Bloom = RpcValue.OptionalMember(json, "logsBloom"u8) is { } bloom ? LogsBloom.Read(bloom) : null,
    };
}
