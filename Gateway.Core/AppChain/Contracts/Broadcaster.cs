using Xmtp.Gateway.AppChain.Transactions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>What the event of a broadcaster says of an envelope.</summary>
/// <param name="Identifier">The group, or the inbox.</param>
/// <param name="Payload">The client envelope, as the chain has it.</param>
/// <param name="SequenceId">Its number.</param>
internal sealed record OrderedEnvelope(ReadOnlyMemory<byte> Identifier, ReadOnlyMemory<byte> Payload, ulong SequenceId);

/// <summary>One of the two contracts that order envelopes: how to call it, and how to read what it did.</summary>
internal abstract class Broadcaster(ContractState state, uint originatorId)
{
    /// <summary>Its bounds and its pause.</summary>
    internal ContractState State => state;

    /// <summary>The originator whose sequence this is: 0 for group messages, 1 for identity updates.</summary>
    internal uint OriginatorId => originatorId;

    /// <summary>The call that publishes an envelope.</summary>
    internal abstract TransactionRequest Call(ParsedEnvelope envelope);

    /// <summary>The event of a mined call; null when there is none.</summary>
    internal abstract OrderedEnvelope? Find(TransactionReceipt receipt);
}

/// <summary>Group commits and proposals: GroupMessageBroadcaster.</summary>
internal sealed class GroupMessages(GroupMessageBroadcasterContract contract, ContractState state) : Broadcaster(state, 0)
{
    internal override TransactionRequest Call(ParsedEnvelope envelope) => new(
        contract.Address, GroupMessageBroadcasterContract.EncodeAddMessage(envelope.Topic.Identifier.Span, envelope.Bytes.Span), "group_message");

    internal override OrderedEnvelope? Find(TransactionReceipt receipt) =>
        contract.FindMessageSent(receipt) is { } sent ? new OrderedEnvelope(sent.GroupId, sent.Message, sent.SequenceId) : null;
}

/// <summary>Identity updates: IdentityUpdateBroadcaster.</summary>
internal sealed class IdentityUpdates(IdentityUpdateBroadcasterContract contract, ContractState state) : Broadcaster(state, 1)
{
    internal override TransactionRequest Call(ParsedEnvelope envelope) => new(
        contract.Address, IdentityUpdateBroadcasterContract.EncodeAddIdentityUpdate(envelope.Topic.Identifier.Span, envelope.Bytes.Span), "identity_update");

    internal override OrderedEnvelope? Find(TransactionReceipt receipt) =>
        contract.FindIdentityUpdateCreated(receipt) is { } created ? new OrderedEnvelope(created.InboxId, created.Update, created.SequenceId) : null;
}
