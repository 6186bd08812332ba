using System.Buffers;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>One PublishPayerEnvelopesRequest, written straight into the transport's buffer.</summary>
/// <param name="node">The target originator.</param>
/// <param name="envelopes">The client envelopes.</param>
/// <param name="signatures">65 bytes an envelope.</param>
/// <remarks>
/// The envelopes are slices of the caller's request, whose memory serves another request once this one is answered. A
/// call that is cut short may not have begun to write yet: <see cref="Withdraw"/> makes sure that it never reads them later.
/// </remarks>
internal sealed class NodePublish(uint node, IReadOnlyList<ParsedEnvelope> envelopes, ReadOnlyMemory<byte> signatures)
{
    private readonly Lock gate = new();
    private bool withdrawn;
    private bool written;
    private int writes;

    /// <summary>The size of the message, in bytes.</summary>
    internal int Size { get; } = PayerEnvelopeWriter.GetSize(node, envelopes);

    /// <summary>Whether the node may have it: it was given to a connection, and the node did not say that it was not processed. Final once it was withdrawn.</summary>
    internal bool IsWritten
    {
        get
        {
            lock (gate) return written;
        }
    }

    /// <summary>How often it was given to a connection.</summary>
    internal int Writes
    {
        get
        {
            lock (gate) return writes;
        }
    }

    /// <summary>The node said that what was sent so far was not processed.</summary>
    internal void WasNotProcessed()
    {
        lock (gate) written = false;
    }

    /// <summary>Writes the message.</summary>
    /// <exception cref="OperationCanceledException">It was withdrawn.</exception>
    internal void WriteTo(IBufferWriter<byte> output)
    {
        lock (gate)
        {
            if (withdrawn) throw new OperationCanceledException("the publish was withdrawn");
            written = true;
            writes++;
            PayerEnvelopeWriter.Write(output, node, envelopes, signatures.Span);
        }
    }

    /// <summary>When this returns, nobody reads the envelopes any more, and nobody will.</summary>
    internal void Withdraw()
    {
        lock (gate) withdrawn = true;
    }
}
