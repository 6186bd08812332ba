using System.Security.Cryptography;
using Google.Protobuf;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet;

/// <summary>A sample publish: an application message in a new group, as Connect JSON.</summary>
internal static class SampleRequest
{
    /// <summary>The path on the gateway.</summary>
    public const string Path = "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes";

    /// <summary>The body of the request, on one line. Each call uses a new group, so that no request is a duplicate.</summary>
    public static string Json()
    {
        var groupId = RandomNumberGenerator.GetBytes(16);
        var envelope = new ClientEnvelope
        {
            Aad = new AuthenticatedData { TargetTopic = ByteString.CopyFrom([(byte)TopicKind.GroupMessages, .. groupId]) },
            GroupMessage = new GroupMessageInput { V1 = new GroupMessageInput.Types.V1 { Data = ByteString.CopyFrom(Message(groupId)) } },
        };
        return JsonFormatter.Default.Format(new PublishClientEnvelopesRequest { Envelopes = { envelope } });
    }

    /// <summary>The command that sends it, for a POSIX shell.</summary>
    public static string Curl(Uri gateway) =>
        $"curl -s {gateway.GetLeftPart(UriPartial.Authority)}{Path} \\{Environment.NewLine}  -H 'content-type: application/json' " +
        $"\\{Environment.NewLine}  -d '{Json()}'";

    // MLSMessage: version(2) wire_format(2) group_id<V> epoch(8) content_type(1) authenticated_data<V> sender_data<V> ciphertext<V>.
    // It cannot be decrypted, which neither gateway nor node tries.
    private static byte[] Message(byte[] groupId) =>
        [
            0, 1, 0, 2, (byte)groupId.Length, .. groupId, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 28, .. new byte[28], 32,
            .. RandomNumberGenerator.GetBytes(32),
        ];
}
