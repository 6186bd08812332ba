using System.Buffers;
using System.Globalization;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>One PublishPayerEnvelopesRequest, written straight into the transport's buffer.</summary>
/// <param name="node">The target originator.</param>
/// <param name="sent">The client envelopes.</param>
/// <param name="signatures">65 bytes an envelope.</param>
/// <param name="timeout">How long the node has for its answer.</param>
/// <remarks>
/// The envelopes are slices of the caller's request, whose memory serves another request once this one is answered. A
/// call that is cut short may not have begun to write yet: <see cref="Withdraw"/> makes sure that it never reads them later.
/// One that goes on without its caller has copies (<see cref="TryDetach"/>).
/// </remarks>
internal sealed class NodePublish(uint node, IReadOnlyList<ParsedEnvelope> sent, ReadOnlyMemory<byte> signatures, TimeSpan timeout)
{
    private readonly Lock _gate = new();
    private IReadOnlyList<ParsedEnvelope> _envelopes = sent;
    private bool _withdrawn;
    private bool _written;
    private int _writes;

    /// <summary>The size of the message, in bytes.</summary>
    internal int Size { get; } = PayerEnvelopeWriter.GetSize(node, sent);

    /// <summary>How many envelopes there are.</summary>
    internal int Count { get; } = sent.Count;

    /// <summary>65 bytes an envelope.</summary>
    internal ReadOnlyMemory<byte> Signatures => signatures;

    /// <summary>The header of that name, in milliseconds: at least 1.</summary>
    internal string GrpcTimeout { get; } = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)timeout.TotalMilliseconds)}m");

    /// <summary>
    /// Whether the node may have it: it was given to a connection, and the node did not say that it was not processed.
    /// Final once it was withdrawn.
    /// </summary>
    internal bool IsWritten
    {
        get
        {
            lock (_gate) return _written;
        }
    }

    /// <summary>How often it was given to a connection.</summary>
    internal int Writes
    {
        get
        {
            lock (_gate) return _writes;
        }
    }

    /// <summary>The node said that what was sent so far was not processed.</summary>
    internal void WasNotProcessed()
    {
        lock (_gate) _written = false;
    }

    /// <summary>Writes the message.</summary>
    /// <exception cref="OperationCanceledException">It was withdrawn.</exception>
    internal void WriteTo(IBufferWriter<byte> output)
    {
        lock (_gate)
        {
            if (_withdrawn) throw new OperationCanceledException("the publish was withdrawn");
            _written = true;
            _writes++;
            PayerEnvelopeWriter.Write(output, node, _envelopes, signatures.Span);
        }
    }

    /// <summary>Checks an answer, see <see cref="NodeResponseValidator"/>.</summary>
    internal string? Check(NodeConnection connection, ReadOnlyMemory<byte> response, List<ReadOnlyMemory<byte>> answers)
    {
        lock (_gate) return NodeResponseValidator.Read(connection, _envelopes, response, answers);
    }

    /// <summary>Reads the envelopes while nobody takes their memory away.</summary>
    internal T Read<T>(Func<IReadOnlyList<ParsedEnvelope>, T> read)
    {
        lock (_gate) return read(_envelopes);
    }

    /// <summary>When this returns, nobody writes the envelopes any more, and nobody will.</summary>
    internal void Withdraw()
    {
        lock (_gate) _withdrawn = true;
    }

    /// <summary>Makes it independent of the caller's memory if any of it may have left; withdraws it otherwise.</summary>
    /// <returns>Whether it goes on.</returns>
    internal bool TryDetach()
    {
        lock (_gate)
        {
            if (!_written)
            {
                _withdrawn = true;
                return false;
            }

            _envelopes = [.. _envelopes.Select(envelope => envelope.Copy())];
            return true;
        }
    }
}
