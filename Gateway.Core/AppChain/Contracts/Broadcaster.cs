using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>The event that a broadcaster emits for an envelope.</summary>
/// <param name="Identifier">The group or inbox id.</param>
/// <param name="Payload">The client envelope, as it is on the chain.</param>
/// <param name="SequenceId">Its sequence id.</param>
internal sealed record OrderedEnvelope(ReadOnlyMemory<byte> Identifier, ReadOnlyMemory<byte> Payload, ulong SequenceId);

/// <summary>One of the two contracts that order envelopes: encodes calls to it and decodes its events.</summary>
internal abstract class Broadcaster(EthereumAddress address, ContractState state, uint originatorId, TopicKind kind, PayloadKind payload)
{
    /// <summary>The contract's address.</summary>
    internal EthereumAddress Address => address;

    /// <summary>Its size bounds and paused state.</summary>
    internal ContractState State => state;

    /// <summary>The originator of this sequence: 0 for group messages, 1 for identity updates.</summary>
    internal uint OriginatorId => originatorId;

    /// <summary>The call that publishes an envelope.</summary>
    internal abstract TransactionRequest Call(ParsedEnvelope envelope);

    /// <summary>The envelope that a transaction publishes; null when it is not such a call to this contract.</summary>
    internal ParsedEnvelope? Read(UnsignedTransaction transaction) =>
        transaction.To == address && TryRead(transaction.Data) is { } call ? Envelope(call) : null;

    /// <summary>The envelope that a mined transaction published; null when it has no event of this contract.</summary>
    internal ParsedEnvelope? ReadPublished(TransactionReceipt receipt) => Find(receipt) is { } published ? Envelope(published) : null;

    /// <summary>The event of a mined call; null when there is none.</summary>
    internal abstract OrderedEnvelope? Find(TransactionReceipt receipt);

    private ParsedEnvelope Envelope(OrderedEnvelope ordered) => new()
    {
        Index = 0,
        Bytes = ordered.Payload,
        Topic = new Topic((byte[])[(byte)kind, .. ordered.Identifier.Span]),
        Payload = payload,
        Destination = Destination.AppChain,
    };

    /// <summary>The arguments of a call; null when it calls another function.</summary>
    private protected abstract OrderedEnvelope? TryRead(ReadOnlyMemory<byte> call);
}

/// <summary>Group commits and proposals: GroupMessageBroadcaster.</summary>
internal sealed class GroupMessages(GroupMessageBroadcasterContract contract, ContractState state)
    : Broadcaster(contract.Address, state, 0, TopicKind.GroupMessages, PayloadKind.GroupMessage)
{
    internal override TransactionRequest Call(ParsedEnvelope envelope) => new(
        contract.Address,
        GroupMessageBroadcasterContract.EncodeAddMessage(envelope.Topic.Identifier.Span, envelope.Bytes.Span),
        "publish_group_message");

    internal override OrderedEnvelope? Find(TransactionReceipt receipt) =>
        contract.FindMessageSent(receipt) is { } sent ? new OrderedEnvelope(sent.GroupId, sent.Message, sent.SequenceId) : null;

    private protected override OrderedEnvelope? TryRead(ReadOnlyMemory<byte> call) =>
        GroupMessageBroadcasterContract.TryReadAddMessage(call, out var message)
            ? new OrderedEnvelope(message.GroupId, message.Message, 0)
            : null;
}

/// <summary>Identity updates: IdentityUpdateBroadcaster.</summary>
internal sealed class IdentityUpdates(IdentityUpdateBroadcasterContract contract, ContractState state)
    : Broadcaster(contract.Address, state, 1, TopicKind.IdentityUpdates, PayloadKind.IdentityUpdate)
{
    internal override TransactionRequest Call(ParsedEnvelope envelope) => new(
        contract.Address,
        IdentityUpdateBroadcasterContract.EncodeAddIdentityUpdate(envelope.Topic.Identifier.Span, envelope.Bytes.Span),
        "publish_identity_update");

    internal override OrderedEnvelope? Find(TransactionReceipt receipt) =>
        contract.FindIdentityUpdateCreated(receipt) is { } created
            ? new OrderedEnvelope(created.InboxId, created.Update, created.SequenceId)
            : null;

    private protected override OrderedEnvelope? TryRead(ReadOnlyMemory<byte> call) =>
        IdentityUpdateBroadcasterContract.TryReadAddIdentityUpdate(call, out var update)
            ? new OrderedEnvelope(update.InboxId, update.Update, 0)
            : null;
}
