using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>An envelope with the sequence id of its originator.</summary>
/// <param name="OriginatorId">A node's id, or 0 and 1 for the App Chain's group messages and identity updates.</param>
/// <param name="SequenceId">Its sequence id there, from 1.</param>
/// <param name="Topic">The client envelope's target topic.</param>
/// <param name="Bytes">The serialized OriginatorEnvelope.</param>
/// <param name="ExpiryUnixTime">When it may be deleted, in seconds since 1970; 0 for never.</param>
public sealed record StoredEnvelope(uint OriginatorId, ulong SequenceId, Topic Topic, ReadOnlyMemory<byte> Bytes, ulong ExpiryUnixTime)
{
    /// <summary>The min originator id of nodes; lower ids are the App Chain's.</summary>
    public const uint FirstNodeId = 100;

    /// <summary>The originator's time, in nanoseconds since 1970.</summary>
    public long Nanoseconds { get; init; }

    /// <summary>Reads a serialized OriginatorEnvelope.</summary>
    /// <returns>
    /// Null when it is invalid, or when it contains no client envelope that the network accepts. Signatures are not
    /// checked.
    /// </returns>
    public static StoredEnvelope? Read(ReadOnlyMemory<byte> bytes)
    {
        if (!OriginatorEnvelopeView.TryRead(bytes, out var view) || view.SequenceId == 0) return null;
        if (EnvelopeReader.Read(view.ClientEnvelope, 0, out var client) is not null) return null;
        try
        {
            var unsigned = UnsignedOriginatorEnvelope.Parser.ParseFrom(view.UnsignedEnvelope.Span);
            return new StoredEnvelope(view.OriginatorNodeId, view.SequenceId, client!.Topic, bytes, unsigned.ExpiryUnixtime)
            {
                Nanoseconds = unsigned.OriginatorNs,
            };
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
