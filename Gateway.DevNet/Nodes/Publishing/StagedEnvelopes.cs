namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>What a node took and has not signed and inserted yet, in order. It has its numbers already. Thread-safe.</summary>
internal sealed class StagedEnvelopes : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<StagedEnvelope> _queue = new();
    private readonly StagingJournal? _journal;
    private ulong _last;
    private TaskCompletionSource _more = NewSignal();

    /// <summary>Nothing yet, in memory alone.</summary>
    public StagedEnvelopes()
    {
    }

    /// <summary>What a file has, and keeps.</summary>
    /// <param name="path">The file; it is made where there is none.</param>
    /// <param name="isInserted">Whether an envelope with this number was signed and inserted before the process ended.</param>
    /// <exception cref="IOException">It cannot be opened, or another process has it.</exception>
    public StagedEnvelopes(string path, Func<uint, ulong, bool> isInserted)
    {
        _journal = StagingJournal.Open(path, out var kept);
        foreach (var staged in kept)
        {
            _last = staged.SequenceId;
            if (!isInserted(staged.Envelope.TargetOriginator, staged.SequenceId)) _queue.Enqueue(staged);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _queue.Count;
        }
    }

    /// <summary>Ends when more is staged.</summary>
    public Task More
    {
        get
        {
            lock (_gate) return _more.Task;
        }
    }

    /// <summary>Numbers and stages a batch, one number after another with none in between.</summary>
    /// <param name="batch">What was taken.</param>
    /// <param name="lastInserted">The node's last number that is inserted.</param>
    /// <param name="clock">Stamps each.</param>
    /// <param name="timestamp">Now, by the node's stopwatch.</param>
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

    /// <summary>The oldest, at most so many; they stay.</summary>
    public IReadOnlyList<StagedEnvelope> Peek(int most)
    {
        lock (_gate) return [.. _queue.Take(most)];
    }

    /// <summary>Forgets the oldest, which are inserted.</summary>
    public void Remove(int count)
    {
        lock (_gate)
        {
            for (var i = 0; i < count; i++) _queue.Dequeue();
            if (_queue.Count == 0) _journal?.Clear();
        }
    }

    /// <summary>Closes the file, where there is one.</summary>
    public void Dispose() => _journal?.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
