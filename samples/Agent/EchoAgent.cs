using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Samples.Agent;

/// <summary>
/// Answers each message with its text. A message is a welcome for the receiver's key; its data are the sender's key, 32 bytes, and a
/// text.
/// </summary>
/// <remarks>
/// There is no XMTP SDK for .NET that would encrypt: this shows the way of an agent's messages, not an agent's privacy. An SDK takes
/// the gateway's URL as its <c>gatewayHost</c>.
/// </remarks>
internal sealed class EchoAgent : IDisposable
{
    private const int KeySize = 32;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(KeySize);
    private readonly GrpcChannel _gateway;
    private readonly GrpcChannel _node;

    private EchoAgent(GrpcChannel gateway, string node)
    {
        _gateway = gateway;
        _node = GrpcChannel.ForAddress(node);
    }

    /// <summary>The agent's key, to which messages are sent.</summary>
    public string Address => Convert.ToHexStringLower(_key);

    /// <summary>Publishes through the gateway, and reads from a node that the gateway knows, as SDKs do.</summary>
    public static async Task<EchoAgent> ConnectAsync(Uri gateway, CancellationToken cancellationToken)
    {
        var channel = GrpcChannel.ForAddress(gateway);
        var nodes = await new GatewayApi.GatewayApiClient(channel)
            .GetNodesAsync(new GetNodesRequest(), cancellationToken: cancellationToken);
        return new EchoAgent(channel, nodes.Nodes.MinBy(node => node.Key).Value);
    }

    /// <summary>Answers until it is cancelled.</summary>
    public async Task AnswerAsync(CancellationToken stoppingToken)
    {
        var request = new SubscribeTopicsRequest
        {
            Filters = { new SubscribeTopicsRequest.Types.TopicFilter { Topic = TopicOf(_key) } },
        };
        using var feed = new QueryApi.QueryApiClient(_node).SubscribeTopics(request, cancellationToken: stoppingToken);
        try
        {
            await foreach (var batch in feed.ResponseStream.ReadAllAsync(stoppingToken))
                foreach (var envelope in batch.Envelopes?.Envelopes_ ?? [])
                    await AnswerAsync(envelope, stoppingToken);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Cancelled && stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The same, between two messages.
        }
    }

    public void Dispose()
    {
        _node.Dispose();
        _gateway.Dispose();
    }

    private async Task AnswerAsync(OriginatorEnvelope envelope, CancellationToken stoppingToken)
    {
        var payer = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).PayerEnvelopeBytes;
        var client = ClientEnvelope.Parser.ParseFrom(PayerEnvelope.Parser.ParseFrom(payer).UnsignedClientEnvelope);
        if (client.WelcomeMessage?.V1?.Data is not { Length: > KeySize } data) return;
        var (sender, text) = (data.Span[..KeySize].ToArray(), Encoding.UTF8.GetString(data.Span[KeySize..]));
        var answer = new PublishClientEnvelopesRequest { Envelopes = { Message(sender, $"you said: {text}") } };
        await new GatewayApi.GatewayApiClient(_gateway).PublishClientEnvelopesAsync(answer, cancellationToken: stoppingToken);
        Console.WriteLine($"answered {Convert.ToHexStringLower(sender)}");
    }

    private ClientEnvelope Message(byte[] receiver, string text) => new()
    {
        Aad = new AuthenticatedData { TargetTopic = TopicOf(receiver) },
        WelcomeMessage = new WelcomeMessageInput
        {
            V1 = new WelcomeMessageInput.Types.V1
            {
                InstallationKey = ByteString.CopyFrom(receiver),
                Data = ByteString.CopyFrom([.. _key, .. Encoding.UTF8.GetBytes(text)]),
            },
        },
    };

    private static ByteString TopicOf(byte[] key) => ByteString.CopyFrom([(byte)TopicKind.WelcomeMessages, .. key]);
}
