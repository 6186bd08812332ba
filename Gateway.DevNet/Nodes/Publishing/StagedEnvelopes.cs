namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>
/// The accepted envelopes that are not signed and inserted yet, in order, with their sequence ids. Thread-safe.
/// </summary>
internal sealed class StagedEnvelopes : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<StagedEnvelope> _queue = new();
    private readonly StagingJournal? _journal;
    private ulong _last;
    private TaskCompletionSource _more = NewSignal();

    /// <summary>Starts empty, in memory only.</summary>
    public StagedEnvelopes()
    {
    }

    /// <summary>Loads a file and appends to it.</summary>
    /// <param name="path">The file; it is created if missing.</param>
    /// <param name="isInserted">
    /// Whether the envelope with this sequence id was signed and inserted before the process ended.
    /// </param>
    /// <exception cref="IOException">It cannot be opened, or another process uses it.</exception>
    public StagedEnvelopes(string path, Func<uint, ulong, bool> isInserted)
    {
        _journal = StagingJournal.Open(path, out var kept);
        foreach (var staged in kept)
        {
            _last = staged.SequenceId;
            if (!isInserted(staged.Envelope.TargetOriginator, staged.SequenceId)) _queue.Enqueue(staged);
        }
    }

    /// <summary>The number of staged envelopes.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    /// <summary>Completes when more envelopes are staged.</summary>
    public Task More
    {
        get
        {
            lock (_gate) return _more.Task;
        }
    }

    /// <summary>Assigns consecutive sequence ids to a batch and stages it.</summary>
    /// <param name="batch">The accepted envelopes.</param>
    /// <param name="lastInserted">Returns the node's last inserted sequence id.</param>
    /// <param name="clock">Timestamps each envelope.</param>
    /// <param name="timestamp">The current timestamp of the node's clock.</param>
    public IReadOnlyList<StagedEnvelope> Stage(
        IReadOnlyList<CheckedPayerEnvelope> batch, Func<ulong> lastInserted, NodeClock clock, long timestamp)
    {
        var staged = new StagedEnvelope[batch.Count];
        lock (_gate)
        {
            var first = Math.Max(_last, lastInserted()) + 1;
            for (var i = 0; i < staged.Length; i++) staged[i] = new StagedEnvelope(first + (ulong)i, clock.Next(), batch[i], timestamp);
            _journal?.Write(staged);
            foreach (var envelope in staged) _queue.Enqueue(envelope);
            _last = staged[^1].SequenceId;
            _more.SetResult();
            _more = NewSignal();
        }

        return staged;
    }

    /// <summary>The oldest staged envelopes, at most <paramref name="max"/>; they stay staged.</summary>
    public IReadOnlyList<StagedEnvelope> Peek(int max)
    {
        lock (_gate) return [.. _queue.Take(max)];
    }

    /// <summary>Removes the oldest envelopes, which are inserted now.</summary>
    public void Remove(int count)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++) _queue.Dequeue();
            if (_queue.Count == 0) _journal?.Clear();
        }
    }

    /// <summary>Closes the file, if any.</summary>
    public void Dispose() => _journal?.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
