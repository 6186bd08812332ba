using Google.Protobuf;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>Handles the queries of readers.</summary>
internal sealed class QueryService(EnvelopeStore store, ChainView chain, DevNodeOptions options, NodeFaultState faults)
{
    private readonly InboxDirectory _inboxes = new(store);

    /// <summary>Envelopes after a cursor, by originator and sequence id. An empty query has an empty result.</summary>
    public async Task<QueryEnvelopesResponse> QueryEnvelopesAsync(QueryEnvelopesRequest request, CancellationToken cancellationToken)
    {
        var cursor = ReadRequests.Cursor(request.Query, mayBeEmpty: true);
        await chain.CatchUpAsync(cancellationToken);
        var limit = request.Limit is 0 or > ReadRequests.MaxRows ? ReadRequests.MaxRows : (int)request.Limit;
        var found = cursor.Candidates(store)
            .Where(cursor.TryTake)
            .Where(envelope => !faults.Current.OriginatorHidden || envelope.OriginatorId != options.NodeId)
            .OrderBy(envelope => envelope.OriginatorId)
            .ThenBy(envelope => envelope.SequenceId)
            .Take(limit);
        return new QueryEnvelopesResponse { Envelopes = { found.Select(Read) } };
    }

    /// <summary>
    /// The newest envelope of each topic, in the order of the request; an empty result for a topic without one.
    /// </summary>
    public async Task<GetNewestEnvelopeResponse> GetNewestEnvelopeAsync(
        GetNewestEnvelopeRequest request, CancellationToken cancellationToken)
    {
        if (request.Topics.Count > ReadRequests.MaxQueries)
            throw ReadRequests.Refuse($"topics: {request.Topics.Count}, at most {ReadRequests.MaxQueries} are allowed");
        await chain.CatchUpAsync(cancellationToken);
        return new GetNewestEnvelopeResponse { Results = { request.Topics.Select(Newest) } };
    }

    /// <summary>The inbox of each identifier, in the order of the request; empty for an identifier without one.</summary>
    public async Task<GetInboxIdsResponse> GetInboxIdsAsync(GetInboxIdsRequest request, CancellationToken cancellationToken)
    {
        if (request.Requests.Count > ReadRequests.MaxQueries)
            throw ReadRequests.Refuse($"requests: {request.Requests.Count}, at most {ReadRequests.MaxQueries} are allowed");
        await chain.CatchUpAsync(cancellationToken);
        return new GetInboxIdsResponse { Responses = { request.Requests.Select(Inbox) } };
    }

    private static OriginatorEnvelope Read(StoredEnvelope envelope) => OriginatorEnvelope.Parser.ParseFrom(envelope.Bytes.Span);

    private GetNewestEnvelopeResponse.Types.Response Newest(ByteString topic) =>
        store.NewestOfTopic(topic.Span) is { } newest ? new() { OriginatorEnvelope = Read(newest) } : new();

    private GetInboxIdsResponse.Types.Response Inbox(GetInboxIdsRequest.Types.Request request)
    {
        var response = new GetInboxIdsResponse.Types.Response { Identifier = request.Identifier, IdentifierKind = request.IdentifierKind };
        if (_inboxes.Find(request.Identifier) is { } inbox) response.InboxId = inbox;
        return response;
    }
}
