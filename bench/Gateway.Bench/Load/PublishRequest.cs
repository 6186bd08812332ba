using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>
/// One caller's request, serialized once. Each <see cref="Renew"/> writes new numbers into its envelopes, so that no two
/// are alike and nothing that remembers envelopes makes the work less.
/// </summary>
internal sealed class PublishRequest
{
    /// <summary>The node that payer envelopes are for.</summary>
    public const uint NodeId = 100;

    /// <summary>The second node of a measurement that has two.</summary>
    public const uint SecondNodeId = 200;

    private const int NumberSize = 8;
    private static long _lastNumber = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(NumberSize));
    private readonly byte[] _bytes;
    private readonly List<int> _numbers = [];

    private PublishRequest(byte[] bytes, ReadOnlySpan<byte> mark)
    {
        _bytes = bytes;
        for (var at = 0; bytes.AsSpan(at).IndexOf(mark) is >= 0 and var next; at += next + mark.Length) _numbers.Add(at + next);
    }

    /// <summary>The request for a gateway, or the same envelopes as a gateway would hand them to the node.</summary>
    public static PublishRequest For(LoadWindow window, bool refused = false)
    {
        var mark = RandomNumberGenerator.GetBytes(NumberSize);
        var envelope = BenchEnvelope.Create(window.EnvelopeSize, mark, refused, window.NodeId);
        var copies = Enumerable.Repeat(envelope, window.EnvelopesPerCall);
        IMessage request = window.IsGateway
            ? new PublishClientEnvelopesRequest { Envelopes = { copies } }
            : new PublishPayerEnvelopesRequest { PayerEnvelopes = { copies.Select(WithSignature) } };
        return new PublishRequest(request.ToByteArray(), mark);
    }

    /// <summary>The request with new numbers in it, in the same array as before.</summary>
    public byte[] Renew()
    {
        foreach (var at in _numbers) BinaryPrimitives.WriteInt64BigEndian(_bytes.AsSpan(at), Interlocked.Increment(ref _lastNumber));
        return _bytes;
    }

    private static PayerEnvelope WithSignature(ClientEnvelope envelope) => new()
    {
        UnsignedClientEnvelope = envelope.ToByteString(),
        PayerSignature = new RecoverableEcdsaSignature { Bytes = ByteString.CopyFrom(RandomNumberGenerator.GetBytes(65)) },
        TargetOriginator = NodeId,
        MessageRetentionDays = PayerEnvelopeWriter.RetentionDays,
    };
}
