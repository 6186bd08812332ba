using System.Buffers;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>A PublishPayerEnvelopesRequest that is sent to a node: one publish, or several that share a call.</summary>
internal interface INodeMessage
{
    /// <summary>The number of envelopes, unless some are withdrawn before they are written.</summary>
    int Count { get; }

    /// <summary>The max size of the message, in bytes.</summary>
    int Size { get; }

    /// <summary>The node's timeout for its response.</summary>
    TimeSpan Timeout { get; }

    /// <summary>
    /// Whether the node may have it: it was written to a connection, and the node did not report it as not processed.
    /// </summary>
    bool IsWritten { get; }

    /// <summary>How many times it was written to a connection.</summary>
    int Writes { get; }

    /// <summary>Records that the node reported what was sent so far as not processed.</summary>
    void WasNotProcessed();

    /// <summary>Writes the message.</summary>
    /// <exception cref="OperationCanceledException">All of it was withdrawn.</exception>
    void WriteTo(IBufferWriter<byte> output);
}
