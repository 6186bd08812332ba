using System.Buffers;
using System.Runtime.InteropServices;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Coalescing;

/// <summary>
/// One PublishPayerEnvelopesRequest with the envelopes of several publishes, in the order of their arrival. Its response has
/// the answers in the same order.
/// </summary>
/// <remarks>
/// The message of a publish is a repeated field, so those of several, one after the other, are one message. A publish that was
/// withdrawn before it was written is left out. Thread-safe once it has left.
/// </remarks>
internal sealed class SharedCall(int maxEnvelopes) : INodeMessage, IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly List<SharedCallMember> _members = [];
    private List<SharedCallMember> _written = [];
    private int _waiting;
    private int _writes;
    private bool _hasLeft;
    private bool _isWritten;

    /// <summary>In the order of their arrival.</summary>
    internal IReadOnlyList<SharedCallMember> Members => _members;

    /// <summary>Tells the circuit breaker of the call's failure once.</summary>
    internal CallDecision Decision { get; } = new();

    /// <summary>Cancelled when no publish waits for it any more.</summary>
    internal CancellationToken Token => _end.Token;

    /// <summary>Whether no other envelope has room.</summary>
    internal bool IsFull => Count >= maxEnvelopes;

    /// <summary>The timestamp at which it began.</summary>
    internal long Began { get; private set; }

    public int Count { get; private set; }

    public int Size { get; private set; }

    public TimeSpan Timeout { get; private set; }

    public bool IsWritten
    {
        get
        {
            lock (_gate) return _isWritten;
        }
    }

    public int Writes
    {
        get
        {
            lock (_gate) return _writes;
        }
    }

    /// <summary>Whether a publish has room, and one wallet pays: a node refuses a whole call for the balance of one.</summary>
    internal bool HasRoomFor(NodePublish publish, ClientIdentity? caller) =>
        Count + publish.Count <= maxEnvelopes && Size + publish.Size <= SharingRules.MaxSize
            && ClientIdentity.ArePaidTogether(_members[0].Caller, caller);

    /// <summary>Adds a publish. Not thread-safe, and not after the call has left.</summary>
    internal SharedCallMember Add(NodePublish publish, ClientIdentity? caller, long timestamp, CancellationToken ended)
    {
        var member = new SharedCallMember(this, publish, caller, timestamp, ended);
        publish.Decision = CallDecision.NotSent;
        _members.Add(member);
        Count += publish.Count;
        Size += publish.Size;
        lock (_gate) _waiting++;
        return member;
    }

    /// <summary>A publish waits no more. When it was the last one the call is ended.</summary>
    internal void Leave()
    {
        lock (_gate)
        {
            if (--_waiting > 0 || !_hasLeft) return;
        }

        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call has just ended.
        }
    }

    /// <summary>Begins the call with the publishes that still wait and may be sent, and the least of their timeouts.</summary>
    /// <returns>False when there are none.</returns>
    internal bool TryBegin(Predicate<SharedCallMember> isSent, TimeProvider time)
    {
        _members.RemoveAll(member => member.Ended.IsCancellationRequested || !isSent(member));
        lock (_gate)
        {
            _hasLeft = true;
            if (_members.Count == 0 || _waiting == 0) return false;
        }

        Count = _members.Sum(member => member.Publish.Count);
        Timeout = _members.Min(member => member.Left(time));
        Began = time.GetTimestamp();
        foreach (var member in _members)
        {
            member.Publish.Begins(Began, Timeout);
            member.Publish.Decision = Decision;
        }

        return true;
    }

    public void WasNotProcessed()
    {
        lock (_gate) _isWritten = false;
        foreach (var member in _members) member.Publish.WasNotProcessed();
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        var written = _members.FindAll(member => member.Publish.TryWriteTo(output));
        if (written.Count == 0) throw new OperationCanceledException("all publishes of the call were withdrawn");
        lock (_gate)
        {
            _written = written;
            _isWritten = true;
            _writes++;
        }
    }

    /// <summary>Gives each publish its part of the response; all of it when it has another number of envelopes than were sent.</summary>
    internal void Answer(ReadOnlyMemory<byte> response)
    {
        List<SharedCallMember> written;
        lock (_gate) written = _written;
        var envelopes = new List<ReadOnlyMemory<byte>>(Count);
        var isWhole = OriginatorEnvelopeView.TryReadResponse(response, envelopes)
            && envelopes.Count == written.Sum(member => member.Publish.Count);
        var (from, next) = (0, 0);
        foreach (var member in written)
        {
            if (!isWhole)
            {
                member.TrySetResult(response);
                continue;
            }

            next += member.Publish.Count;
            var to = next == envelopes.Count ? response.Length : End(envelopes[next - 1], response);
            member.TrySetResult(response[from..to]);
            from = to;
        }
    }

    /// <summary>Fails all publishes.</summary>
    internal void Fail(Exception fault)
    {
        foreach (var member in _members) member.Fail(fault);
    }

    public void Dispose() => _end.Dispose();

    // Where a slice of the response ends in it.
    private static int End(ReadOnlyMemory<byte> slice, ReadOnlyMemory<byte> response) =>
        MemoryMarshal.TryGetArray(slice, out var part) && MemoryMarshal.TryGetArray(response, out var whole)
            ? part.Offset + part.Count - whole.Offset
            : throw new InvalidOperationException("the response is no array");
}
