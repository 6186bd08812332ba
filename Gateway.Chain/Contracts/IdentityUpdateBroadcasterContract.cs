using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>The IdentityUpdateBroadcaster on the App Chain: it orders identity updates.</summary>
public sealed class IdentityUpdateBroadcasterContract(EthereumRpc rpc, EthereumAddress address) : BroadcasterContract(rpc, address)
{
    /// <summary>The size of an inbox's identifier, in bytes.</summary>
    public const int InboxIdSize = 32;

    /// <summary>addIdentityUpdate(bytes32 inboxId, bytes update)</summary>
    public static readonly ContractFunction AddIdentityUpdate = new("addIdentityUpdate(bytes32,bytes)");

    /// <summary>IdentityUpdateCreated(bytes32 indexed inboxId, bytes update, uint64 indexed sequenceId)</summary>
    public static readonly Bytes32 IdentityUpdateCreatedTopic = AbiSignature.Topic("IdentityUpdateCreated(bytes32,bytes,uint64)");

    /// <summary>The data of the transaction that publishes an update.</summary>
    /// <param name="inboxId">Exactly 32 bytes.</param>
    /// <param name="update">A serialized client envelope.</param>
    /// <exception cref="ArgumentException">The identifier is not 32 bytes.</exception>
    public static byte[] EncodeAddIdentityUpdate(ReadOnlySpan<byte> inboxId, ReadOnlySpan<byte> update)
    {
        if (inboxId.Length != InboxIdSize)
            throw new ArgumentException($"an inbox's identifier is {InboxIdSize} bytes, this is {inboxId.Length}", nameof(inboxId));
        return AddIdentityUpdate.Encode(new AbiWriter().FixedBytes(inboxId).Bytes(update));
    }

    /// <summary>Reads the call that publishes an update; the sequence id is 0, as it is not assigned yet.</summary>
    public static bool TryReadAddIdentityUpdate(ReadOnlyMemory<byte> call, [NotNullWhen(true)] out IdentityUpdateCreated? update) =>
        AddIdentityUpdate.TryRead(
            call, arguments => new IdentityUpdateCreated(arguments.FixedBytes(InboxIdSize), arguments.Bytes(), 0), out update);

    /// <summary>Reads the event.</summary>
    public static bool TryReadIdentityUpdateCreated(LogEntry log, [NotNullWhen(true)] out IdentityUpdateCreated? created) =>
        EventReader.TryRead(
            log,
            IdentityUpdateCreatedTopic,
            2,
            (indexed, data) => new IdentityUpdateCreated(indexed.FixedBytes(InboxIdSize), data.Bytes(), indexed.UInt64()),
            out created);

    /// <summary>This contract's event in a receipt; null when there is none.</summary>
    public IdentityUpdateCreated? FindIdentityUpdateCreated(TransactionReceipt receipt) =>
        Find(receipt, log => TryReadIdentityUpdateCreated(log, out var created) ? created : null);
}

/// <summary>An identity update that the chain has ordered.</summary>
/// <param name="InboxId">32 bytes.</param>
/// <param name="Update">The serialized client envelope.</param>
/// <param name="SequenceId">Its position in this contract's order, from 1.</param>
public sealed record IdentityUpdateCreated(ReadOnlyMemory<byte> InboxId, ReadOnlyMemory<byte> Update, ulong SequenceId);
