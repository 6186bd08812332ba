using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>A ClientEnvelope of a given size: an application message in a group of its own, which goes to a node.</summary>
internal static class BenchEnvelope
{
    /// <summary>The group whose messages a node with a cost refuses.</summary>
    public static ReadOnlySpan<byte> RefusedGroup => "refused by a node"u8[..NodeTopic.GroupIdSize];

    /// <summary>Makes one.</summary>
    /// <param name="size">The size of the serialized envelope in bytes; at least 256.</param>
    /// <param name="mark">What the message ends with.</param>
    /// <param name="refused">Whether it is for <see cref="RefusedGroup"/>.</param>
    /// <param name="node">The node that its topic belongs to; 0 for any.</param>
    public static ClientEnvelope Create(int size, ReadOnlySpan<byte> mark, bool refused = false, uint node = 0)
    {
        var groupId = refused ? RefusedGroup.ToArray() : NodeTopic.NewGroupId(node);
        var body = size - 128;
        while (true)
        {
            var envelope = WithMessage(groupId, Message(groupId, body, mark));
            var missing = size - envelope.CalculateSize();
            if (missing == 0) return envelope;
            body += missing;
        }
    }

    private static ClientEnvelope WithMessage(byte[] groupId, byte[] message) => new()
    {
        Aad = new AuthenticatedData { TargetTopic = ByteString.CopyFrom([0, .. groupId]) },
        GroupMessage = new GroupMessageInput { V1 = new GroupMessageInput.Types.V1 { Data = ByteString.CopyFrom(message) } },
    };

    /// <summary>An MLS private message.</summary>
    /// <remarks>
    /// <c>version(2)=1 wire_format(2)=2 group_id&lt;V&gt; epoch(8) content_type(1)=1 authenticated_data&lt;V&gt;
    /// sender_data&lt;V&gt; ciphertext&lt;V&gt;</c>
    /// </remarks>
    private static byte[] Message(byte[] groupId, int ciphertextSize, ReadOnlySpan<byte> mark)
    {
        var ciphertext = RandomNumberGenerator.GetBytes(ciphertextSize);
        mark.CopyTo(ciphertext.AsSpan(ciphertextSize - mark.Length));
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(length, 0x8000_0000u | (uint)ciphertextSize);
        return [
            0, 1, 0, 2, NodeTopic.GroupIdSize, .. groupId, 0, 0, 0, 0, 0, 0, 0, 7, 1, 0, 28, .. RandomNumberGenerator.GetBytes(28),
            .. length, .. ciphertext,
        ];
    }
}
