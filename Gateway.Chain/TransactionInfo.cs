using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain;

/// <summary>A transaction in the chain or in the mempool.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="From">The address that signed it.</param>
/// <param name="To">The callee; null for a deployment.</param>
/// <param name="Nonce">Its nonce.</param>
/// <param name="BlockNumber">The block; null while it is pending.</param>
public sealed record TransactionInfo(Bytes32 Hash, EthereumAddress From, EthereumAddress? To, ulong Nonce, ulong? BlockNumber)
{
    /// <summary>The block's hash; null while it is pending, or when the endpoint does not send it.</summary>
    public Bytes32? BlockHash { get; init; }

    /// <summary>
    /// The call's data; null when the endpoint did not return it in a form that can be read, and for the transactions of a block.
    /// </summary>
    public ReadOnlyMemory<byte>? Input { get; init; }

    /// <summary>
    /// Reads the transactions of a block. Chains have transaction types of their own, which may be unreadable here.
    /// </summary>
    /// <exception cref="FormatException">The value is not a block with its transactions.</exception>
    internal static IReadOnlyList<TransactionInfo> ReadAllOf(JsonElement block)
    {
        var list = RpcValue.Member(block, "transactions"u8);
        if (list.ValueKind != JsonValueKind.Array) throw new FormatException("expected an array");
        var transactions = new List<TransactionInfo>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
        {
            try
            {
                transactions.Add(ReadWithoutInput(item));
            }
            catch (FormatException)
            {
                // Not a transaction of the gateway.
            }
        }

        return transactions;
    }

    /// <summary>Reads a transaction.</summary>
    /// <exception cref="FormatException">The value is not a transaction.</exception>
    public static TransactionInfo Read(JsonElement json) =>
        ReadWithoutInput(json) with { Input = RpcValue.DataHint(json, "input"u8) };

    private static TransactionInfo ReadWithoutInput(JsonElement json) => new(
        RpcValue.Bytes32(RpcValue.Member(json, "hash"u8)),
        RpcValue.Address(RpcValue.Member(json, "from"u8)),
        RpcValue.OptionalMember(json, "to"u8) is { } to ? RpcValue.Address(to) : null,
        RpcValue.UInt64(RpcValue.Member(json, "nonce"u8)),
        RpcValue.UInt64Hint(json, "blockNumber"u8))
    {
        BlockHash = RpcValue.Bytes32Hint(json, "blockHash"u8),
    };
}
