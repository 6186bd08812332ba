using System.Diagnostics.Metrics;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Methods;

/// <summary>
/// GetNodes: the usable nodes by id. An empty set is UNAVAILABLE, since a client would accept an empty map as correct.
/// </summary>
internal sealed class GetNodes : IUnaryMethod
{
    private static readonly PublishError None = new(PublishErrorKind.Unavailable, "no node of the network is known yet")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
        Reason = "NO_NODES",
    };

    private static readonly PublishError Malformed = new(PublishErrorKind.InvalidArgument, "the body is not a GetNodesRequest");

    private readonly INodeRegistry _nodes;
    private readonly Gauge<int> _available;

    public GetNodes(INodeRegistry nodes, IMeterFactory meters)
    {
        _nodes = nodes;
        _available = meters.Create("Xmtp.Gateway.Endpoints")
            .CreateGauge<int>("xmtp_gateway_get_nodes_available_nodes", description: "Nodes in the last answer of GetNodes");
    }

    public string Name => "GetNodes";

    public MessageDescriptor RequestType => GetNodesRequest.Descriptor;

    public MessageDescriptor ReplyType => GetNodesResponse.Descriptor;

    public ValueTask<Reply> InvokeAsync(ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity? caller, PublishDeadline deadline)
    {
        if (!IsRequest(request)) return ValueTask.FromResult(Reply.Failed(Malformed));
        var set = _nodes.Current;
        _available.Record(set.Nodes.Count);
        return ValueTask.FromResult(set.Nodes.Count == 0 ? Reply.Failed(None) : Reply.Ok(Message(set)));
    }

    private static bool IsRequest(ReadOnlyMemory<byte> request)
    {
        if (request.IsEmpty) return true;
        try
        {
            GetNodesRequest.Parser.ParseFrom(request.Span);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    private static byte[] Message(NodeSet set)
    {
        var response = new GetNodesResponse();
        foreach (var node in set.Nodes) response.Nodes.Add(node.Id, node.Address.OriginalString);
        return response.ToByteArray();
    }
}
