using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>The GroupMessageBroadcaster on the App Chain: it orders the commits and proposals of groups.</summary>
public sealed class GroupMessageBroadcasterContract(EthereumRpc rpc, EthereumAddress address) : BroadcasterContract(rpc, address)
{
    /// <summary>The size of a group's identifier, in bytes.</summary>
    public const int GroupIdSize = 16;

    /// <summary>addMessage(bytes16 groupId, bytes message)</summary>
    public static readonly ContractFunction AddMessage = new("addMessage(bytes16,bytes)");

    /// <summary>MessageSent(bytes16 indexed groupId, bytes message, uint64 indexed sequenceId)</summary>
    public static readonly Bytes32 MessageSentTopic = AbiSignature.Topic("MessageSent(bytes16,bytes,uint64)");

    /// <summary>The data of the transaction that publishes a message.</summary>
    /// <param name="groupId">Exactly 16 bytes.</param>
    /// <param name="message">A serialized client envelope.</param>
    /// <exception cref="ArgumentException">The identifier is not 16 bytes.</exception>
    public static byte[] EncodeAddMessage(ReadOnlySpan<byte> groupId, ReadOnlySpan<byte> message)
    {
        if (groupId.Length != GroupIdSize)
            throw new ArgumentException($"a group's identifier is {GroupIdSize} bytes, this is {groupId.Length}", nameof(groupId));
        return AddMessage.Encode(new AbiWriter().FixedBytes(groupId).Bytes(message));
    }

    /// <summary>Reads the call that publishes a message; the sequence id is 0, as it is not assigned yet.</summary>
    public static bool TryReadAddMessage(ReadOnlyMemory<byte> call, [NotNullWhen(true)] out MessageSent? message) =>
        AddMessage.TryRead(call, arguments => new MessageSent(arguments.FixedBytes(GroupIdSize), arguments.Bytes(), 0), out message);

    /// <summary>Reads the event.</summary>
    public static bool TryReadMessageSent(LogEntry log, [NotNullWhen(true)] out MessageSent? sent) =>
        EventReader.TryRead(
            log,
            MessageSentTopic,
            2,
            (indexed, data) => new MessageSent(indexed.FixedBytes(GroupIdSize), data.Bytes(), indexed.UInt64()),
            out sent);

    /// <summary>This contract's event in a receipt; null when there is none.</summary>
    public MessageSent? FindMessageSent(TransactionReceipt receipt) =>
        Find(receipt, log => TryReadMessageSent(log, out var sent) ? sent : null);
}

/// <summary>A group message that the chain has ordered.</summary>
/// <param name="GroupId">16 bytes.</param>
/// <param name="Message">The serialized client envelope.</param>
/// <param name="SequenceId">Its position in this contract's order, from 1.</param>
public sealed record MessageSent(ReadOnlyMemory<byte> GroupId, ReadOnlyMemory<byte> Message, ulong SequenceId);
