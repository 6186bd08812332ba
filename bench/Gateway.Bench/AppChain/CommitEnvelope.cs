using System.Security.Cryptography;
using Google.Protobuf;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>A commit of 400 bytes: it goes to the App Chain.</summary>
internal static class CommitEnvelope
{
    private const int BodySize = 300;

    /// <summary>A commit in a group of its own.</summary>
    public static ClientEnvelope New() => New(NewGroupId());

    /// <summary>The id of a group that nobody has.</summary>
    public static byte[] NewGroupId() => RandomNumberGenerator.GetBytes(GroupMessageBroadcasterContract.GroupIdSize);

    /// <summary>A commit in this group.</summary>
    public static ClientEnvelope New(byte[] groupId)
    {
        // version(2)=1  wire_format(2)=2  group_id<V>  epoch(8)  content_type(1)=3  and what nobody reads on the way
        byte[] message = [0, 1, 0, 2, 16, .. groupId, 0, 0, 0, 0, 0, 0, 0, 7, 3, .. RandomNumberGenerator.GetBytes(BodySize)];
        return new ClientEnvelope
        {
            Aad = new AuthenticatedData { TargetTopic = ByteString.CopyFrom([0, .. groupId]) },
            GroupMessage = new GroupMessageInput { V1 = new GroupMessageInput.Types.V1 { Data = ByteString.CopyFrom(message) } },
        };
    }
}
