using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>Checks read requests as real nodes do; invalid ones are INVALID_ARGUMENT.</summary>
internal static class ReadRequests
{
    /// <summary>The max envelopes of a query; also the meaning of a limit of 0.</summary>
    public const int MaxRows = 1_000;

    /// <summary>The max identifiers or topics of a request.</summary>
    public const int MaxQueries = 1_000;

    private const int MaxFilters = 10_000;
    private const int MaxTopicSize = 128;
    private const int MaxCursorLength = 100;

    /// <summary>The cursor of a query or a subscription by topics or by originators.</summary>
    /// <param name="query">The request; null counts as empty.</param>
    /// <param name="mayBeEmpty">Whether an empty request is allowed.</param>
    /// <exception cref="RpcException">The request is invalid.</exception>
    public static ReadCursor Cursor(EnvelopesQuery? query, bool mayBeEmpty)
    {
        var (topics, originators) = (query?.Topics ?? [], query?.OriginatorNodeIds ?? []);
        if (topics.Count > 0 && originators.Count > 0) throw Refuse("query: filter by topics or by originators, not by both");
        if (topics.Count + originators.Count > MaxFilters)
            throw Refuse($"query: {topics.Count + originators.Count} filters, at most {MaxFilters} are allowed");
        if (!mayBeEmpty && topics.Count + originators.Count == 0) throw Refuse("query: neither topics nor originators");
        CheckCursor("query.last_seen", query?.LastSeen);
        var cursor = new ReadCursor();
        for (var i = 0; i < topics.Count; i++) cursor.AddTopic(Topic($"query.topics[{i}]", topics[i]), query!.LastSeen);
        foreach (var originator in originators) cursor.AddOriginator(originator, query!.LastSeen);
        return cursor;
    }

    /// <summary>The cursor of a subscription with one cursor per topic.</summary>
    /// <exception cref="RpcException">The request is invalid.</exception>
    public static ReadCursor Cursor(SubscribeTopicsRequest request)
    {
        if (request.Filters.Count is 0 or > MaxFilters)
            throw Refuse($"filters: {request.Filters.Count}, from 1 to {MaxFilters} are allowed");
        var cursor = new ReadCursor();
        for (var i = 0; i < request.Filters.Count; i++)
        {
            CheckCursor($"filters[{i}].last_seen", request.Filters[i].LastSeen);
            cursor.AddTopic(Topic($"filters[{i}].topic", request.Filters[i].Topic), request.Filters[i].LastSeen);
        }

        return cursor;
    }

    /// <summary>The cursor of a subscription by originators.</summary>
    /// <exception cref="RpcException">The request is invalid.</exception>
    public static ReadCursor Cursor(SubscribeOriginatorsRequest request)
    {
        if (request.Filter is not { OriginatorNodeIds.Count: > 0 } filter) throw Refuse("filter.originator_node_ids: empty");
        if (filter.LastSeen is null) throw Refuse("filter.last_seen: missing");
        return Cursor(
            new EnvelopesQuery { OriginatorNodeIds = { filter.OriginatorNodeIds }, LastSeen = filter.LastSeen }, mayBeEmpty: false);
    }

    /// <summary>An INVALID_ARGUMENT error.</summary>
    public static RpcException Refuse(string reason) => new(new Status(StatusCode.InvalidArgument, reason));

    private static ByteString Topic(string field, ByteString topic) =>
        topic.Length is > 0 and <= MaxTopicSize
            ? topic
            : throw Refuse($"{field}: {topic.Length} bytes, from 1 to {MaxTopicSize} are allowed");

    private static void CheckCursor(string field, Cursor? cursor)
    {
        if (cursor?.NodeIdToSequenceId.Count > MaxCursorLength)
            throw Refuse($"{field}: {cursor.NodeIdToSequenceId.Count} originators, at most {MaxCursorLength} are allowed");
    }
}
