using System.Buffers;
using System.Globalization;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>One PublishPayerEnvelopesRequest, written directly into the transport's buffer.</summary>
/// <param name="node">The target originator.</param>
/// <param name="sent">The client envelopes.</param>
/// <param name="signatures">65 bytes per envelope.</param>
/// <param name="timeout">The node's timeout for its response.</param>
/// <remarks>
/// The envelopes are slices of the caller's request, whose memory is reused for another request once this one has its
/// response. A cancelled call may not have started to write yet: <see cref="Withdraw"/> makes sure that it never reads
/// them later. A call that continues without its caller uses copies (<see cref="TryDetach"/>).
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

    /// <summary>The number of envelopes.</summary>
    internal int Count { get; } = sent.Count;

    /// <summary>65 bytes per envelope.</summary>
    internal ReadOnlyMemory<byte> Signatures => signatures;

    /// <summary>The value of the grpc-timeout header, in milliseconds: at least 1.</summary>
    internal string GrpcTimeout { get; } = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)timeout.TotalMilliseconds)}m");

    /// <summary>
    /// Whether the node may have it: it was written to a connection, and the node did not report it as not processed.
    /// Final once it was withdrawn.
    /// </summary>
    internal bool IsWritten
    {
        get
        {
            lock (_gate) return _written;
        }
    }

    /// <summary>How many times it was written to a connection.</summary>
    internal int Writes
    {
        get
        {
            lock (_gate) return _writes;
        }
    }

    /// <summary>Records that the node reported what was sent so far as not processed.</summary>
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

    /// <summary>Checks a response, see <see cref="NodeResponseValidator"/>.</summary>
    internal string? Check(NodeConnection connection, ReadOnlyMemory<byte> response, List<ReadOnlyMemory<byte>> answers)
    {
        lock (_gate) return NodeResponseValidator.Read(connection, _envelopes, response, answers);
    }

    /// <summary>Reads the envelopes while their memory is guaranteed to stay valid.</summary>
    internal T Read<T>(Func<IReadOnlyList<ParsedEnvelope>, T> read)
    {
        lock (_gate) return read(_envelopes);
    }

    /// <summary>Stops writing: when this returns, the envelopes are not being written, and never will be again.</summary>
    internal void Withdraw()
    {
        lock (_gate) _withdrawn = true;
    }

    /// <summary>
    /// Copies the envelopes out of the caller's memory if any byte of the publish may have been sent; withdraws it otherwise.
    /// </summary>
    /// <returns>Whether the publish continues.</returns>
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
