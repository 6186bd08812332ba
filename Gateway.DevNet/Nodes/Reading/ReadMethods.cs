using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>The unary methods for readers, under both of their services' names.</summary>
internal sealed class QueryMethods : IServiceMethodProvider<QueryService>
{
    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<QueryService> context)
    {
        foreach (var service in ReadMethods.Services)
        {
            context.AddUnaryMethod(
                ReadMethods.Unary(service, "QueryEnvelopes", QueryEnvelopesRequest.Parser, QueryEnvelopesResponse.Parser), [],
                static (query, request, call) => query.QueryEnvelopesAsync(request, call.CancellationToken));
            context.AddUnaryMethod(
                ReadMethods.Unary(service, "GetNewestEnvelope", GetNewestEnvelopeRequest.Parser, GetNewestEnvelopeResponse.Parser), [],
                static (query, request, call) => query.GetNewestEnvelopeAsync(request, call.CancellationToken));
            context.AddUnaryMethod(
                ReadMethods.Unary(service, "GetInboxIds", GetInboxIdsRequest.Parser, GetInboxIdsResponse.Parser), [],
                static (query, request, call) => query.GetInboxIdsAsync(request, call.CancellationToken));
        }
    }
}

/// <summary>The streams for readers: SubscribeTopics under both services' names, the others under one each.</summary>
internal sealed class SubscribeMethods : IServiceMethodProvider<SubscribeService>
{
    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<SubscribeService> context)
    {
        foreach (var service in ReadMethods.Services)
        {
            context.AddServerStreamingMethod(
                ReadMethods.Stream(service, "SubscribeTopics", SubscribeTopicsRequest.Parser, SubscribeTopicsResponse.Parser), [],
                static (subscribe, request, output, call) => subscribe.ByTopicsAsync(request, output, call));
        }

        context.AddDuplexStreamingMethod(
            ReadMethods.Duplex(ReadMethods.Query, "Subscribe", SubscribeRequest.Parser, SubscribeResponse.Parser), [],
            static (subscribe, input, output, call) => subscribe.ByChangesAsync(input, output, call));
        context.AddServerStreamingMethod(
            ReadMethods.Stream(
                ReadMethods.Notification, "SubscribeAllEnvelopes", SubscribeAllEnvelopesRequest.Parser, SubscribeEnvelopesResponse.Parser),
            [],
            static (subscribe, _, output, call) => subscribe.AllAsync(output, call));
        context.AddServerStreamingMethod(
            ReadMethods.Stream(
                ReadMethods.Replication, "SubscribeEnvelopes", SubscribeEnvelopesRequest.Parser, SubscribeEnvelopesResponse.Parser),
            [],
            static (subscribe, request, output, call) => subscribe.ByQueryAsync(request, output, call));
        context.AddServerStreamingMethod(
            ReadMethods.Stream(
                ReadMethods.Replication, "SubscribeOriginators", SubscribeOriginatorsRequest.Parser, SubscribeOriginatorsResponse.Parser),
            [],
            static (subscribe, request, output, call) => subscribe.ByOriginatorsAsync(request, output, call));
    }
}

/// <summary>Names and marshallers of the methods for readers.</summary>
internal static class ReadMethods
{
    /// <summary>The deprecated service with all methods.</summary>
    public const string Replication = "xmtp.xmtpv4.message_api.ReplicationApi";

    /// <summary>Its successor for readers.</summary>
    public const string Query = "xmtp.xmtpv4.message_api.QueryApi";

    /// <summary>The service for push notification servers.</summary>
    public const string Notification = "xmtp.xmtpv4.message_api.NotificationApi";

    /// <summary>The services for readers.</summary>
    public static readonly string[] Services = [Replication, Query];

    /// <summary>A unary method.</summary>
    public static Method<TRequest, TResponse> Unary<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(MethodType.Unary, service, name, Of(request), Of(response));

    /// <summary>A method with a response stream.</summary>
    public static Method<TRequest, TResponse> Stream<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(MethodType.ServerStreaming, service, name, Of(request), Of(response));

    /// <summary>A method with a request stream and a response stream.</summary>
    public static Method<TRequest, TResponse> Duplex<TRequest, TResponse>(
        string service, string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(MethodType.DuplexStreaming, service, name, Of(request), Of(response));

    private static Marshaller<T> Of<T>(MessageParser<T> parser)
        where T : class, IMessage<T> => Marshallers.Create(Write, context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));

    private static void Write<T>(T message, SerializationContext context)
        where T : IMessage<T>
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }
}
