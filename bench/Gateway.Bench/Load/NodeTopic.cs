using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>
/// Topics by the node that they belong to. The strategy <c>stable</c>, which is the default, gives each of two nodes half of the hashes:
/// to the second one those below the middle.
/// </summary>
internal static class NodeTopic
{
    /// <summary>The size of a group's identifier, which is the topic without its kind.</summary>
    public const int GroupIdSize = 16;

    private const uint Middle = uint.MaxValue / 2;

    /// <summary>A group whose messages go to this node.</summary>
    /// <param name="node"><see cref="PublishRequest.NodeId"/>, <see cref="PublishRequest.SecondNodeId"/>, or 0 for any.</param>
    public static byte[] NewGroupId(uint node)
    {
        while (true)
        {
            var groupId = RandomNumberGenerator.GetBytes(GroupIdSize);
            if (node == 0 || node == NodeOf(groupId)) return groupId;
        }
    }

    private static uint NodeOf(byte[] groupId) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(groupId)) < Middle ? PublishRequest.SecondNodeId : PublishRequest.NodeId;
}
