using System.Buffers;
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
    : INodeMessage
{
    private readonly Lock _gate = new();
    private IReadOnlyList<ParsedEnvelope> _envelopes = sent;
    private bool _withdrawn;
    private bool _detached;
    private bool _written;
    private int _writes;

    /// <inheritdoc/>
    public int Size { get; } = PayerEnvelopeWriter.GetSize(node, sent);

    /// <inheritdoc/>
    public int Count { get; } = sent.Count;

    /// <summary>The node's timeout for its response: less than its own in a call that it shares.</summary>
    public TimeSpan Timeout { get; private set; } = timeout;

    /// <summary>The timestamp at which its call began; null when that is the attempt's.</summary>
    internal long? Began { get; private set; }

    /// <summary>Of the call that it shares; null when it shares none.</summary>
    internal CallDecision? Decision { get; set; }

    /// <summary>65 bytes per envelope.</summary>
    internal ReadOnlyMemory<byte> Signatures => signatures;

    /// <summary>
    /// Whether the node may have it: it was written to a connection, and the node did not report it as not processed.
    /// Final once it was withdrawn.
    /// </summary>
    public bool IsWritten
    {
        get
        {
            lock (_gate) return _written;
        }
    }

    /// <inheritdoc/>
    public int Writes
    {
        get
        {
            lock (_gate) return _writes;
        }
    }

    /// <summary>Records when its call begins, and the node's timeout in it.</summary>
    internal void Begins(long timestamp, TimeSpan within)
    {
        Began = timestamp;
        Timeout = within;
    }

    /// <inheritdoc/>
    public void WasNotProcessed()
    {
        lock (_gate) _written = false;
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        if (!TryWriteTo(output)) throw new OperationCanceledException("the publish was withdrawn");
    }

    /// <summary>Writes the message, unless it was withdrawn.</summary>
    internal bool TryWriteTo(IBufferWriter<byte> output)
    {
        lock (_gate)
        {
            if (_withdrawn) return false;
            _written = true;
            _writes++;
            PayerEnvelopeWriter.Write(output, node, _envelopes, signatures.Span);
            return true;
        }
    }

    /// <summary>Checks a response, see <see cref="NodeResponseValidator"/>.</summary>
    internal string? Check(NodeConnection connection, ReadOnlyMemory<byte> response, List<ReadOnlyMemory<byte>> answers)
    {
        lock (_gate) return NodeResponseValidator.Read(connection, _envelopes, response, answers);
    }

    /// <summary>Whether it continues without its caller.</summary>
    internal bool IsDetached
    {
        get
        {
            lock (_gate) return _detached;
        }
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

            _detached = true;
            _envelopes = [.. _envelopes.Select(envelope => envelope.Copy())];
            return true;
        }
    }
}
