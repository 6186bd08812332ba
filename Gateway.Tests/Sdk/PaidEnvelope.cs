using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>An envelope of a network, and who paid for it.</summary>
/// <param name="Topic">Its topic, the kind byte included, in hexadecimal.</param>
/// <param name="Payer">Who signed it for the node, or sent its transaction.</param>
/// <param name="Client">The client's envelope, in hexadecimal.</param>
internal sealed record PaidEnvelope(string Topic, EthereumAddress Payer, string Client)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>All that nodes have numbered, once they have stored what they accepted.</summary>
    public static async Task<IReadOnlyList<PaidEnvelope>> AtNodesAsync(DevNetwork network)
    {
        await Eventually.IsAsync(() => network.Nodes.All(node => node.Staged == 0), "the nodes have stored what they accepted");
        return [.. network.Nodes.SelectMany(node => node.Store.OfOriginator(node.Id)).Select(OfNode)];
    }

    /// <summary>All that is on the chain.</summary>
    public static async Task<IReadOnlyList<PaidEnvelope>> OnChainAsync(DevNetwork network)
    {
        var filter = new LogFilter
        {
            Addresses = [ChainAddresses.GroupMessageBroadcaster, ChainAddresses.IdentityUpdateBroadcaster],
            Topics = [[GroupMessageBroadcasterContract.MessageSentTopic, IdentityUpdateBroadcasterContract.IdentityUpdateCreatedTopic]],
            FromBlock = BlockTag.Earliest,
        };
        List<PaidEnvelope> all = [];
        foreach (var log in (await network.Chain.Rpc.GetLogsAsync(filter, Cancel)).OrThrow())
            all.Add(OfChain(log, (await network.Chain.Rpc.GetTransactionAsync(log.TransactionHash, Cancel)).OrThrow()!.From));
        return all;
    }

    private static PaidEnvelope OfNode(StoredEnvelope stored)
    {
        Assert.True(OriginatorEnvelopeView.TryRead(stored.Bytes, out var view));
        var payer = CheckedPayerEnvelope.Read(view.PayerEnvelope)!.Payer;
        return new PaidEnvelope(
            Convert.ToHexStringLower(stored.Topic.Bytes.Span), payer, Convert.ToHexStringLower(view.ClientEnvelope.Span));
    }

    private static PaidEnvelope OfChain(LogEntry log, EthereumAddress sender) =>
        GroupMessageBroadcasterContract.TryReadMessageSent(log, out var sent)
            ? Of(TopicKind.GroupMessages, sent.GroupId, sender, sent.Message)
            : IdentityUpdateBroadcasterContract.TryReadIdentityUpdateCreated(log, out var created)
                ? Of(TopicKind.IdentityUpdates, created.InboxId, sender, created.Update)
                : throw new InvalidOperationException("an event of a broadcaster that cannot be read");

    private static PaidEnvelope Of(
        TopicKind kind, ReadOnlyMemory<byte> identifier, EthereumAddress sender, ReadOnlyMemory<byte> client) => new(
        $"{(byte)kind:x2}{Convert.ToHexStringLower(identifier.Span)}", sender, Convert.ToHexStringLower(client.Span));
}
