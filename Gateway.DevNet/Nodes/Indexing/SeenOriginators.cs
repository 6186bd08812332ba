namespace Xmtp.Gateway.DevNet.Nodes.Indexing;

/// <summary>
/// The node's cached view of the last sequence id of each originator: it is refreshed every 100 ms and lacks later
/// envelopes.
/// </summary>
/// <remarks>Thread-safe. <see cref="NodeFaults.ViewDelay"/> delays it further.</remarks>
internal sealed class SeenOriginators : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly EnvelopeStore _store;
    private readonly NodeFaultState _faults;
    private readonly Queue<Look> _looks = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Task _running;
    private IReadOnlyDictionary<uint, ulong> _current;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Starts at once, in the background.</summary>
    public SeenOriginators(EnvelopeStore store, NodeFaultState faults)
    {
        _store = store;
        _faults = faults;
        _current = store.LastSequenceIds();
        _running = Task.Run(RunAsync);
    }

    /// <summary>The last known sequence id of an originator; null when it is unknown.</summary>
    public ulong? Find(uint originator) => Current(out _).TryGetValue(originator, out var last) ? last : null;

    /// <summary>The last known sequence ids of all originators.</summary>
    /// <param name="next">Completes at the next change.</param>
    public IReadOnlyDictionary<uint, ulong> Current(out Task next)
    {
        lock (_gate)
        {
            next = _changed.Task;
            return _current;
        }
    }

    /// <summary>Stops refreshing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token)) LookAgain();
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
    }

    // Uses the newest snapshot that is old enough; until there is one, the previous view stays.
    private void LookAgain()
    {
        _looks.Enqueue(new Look(_store.LastSequenceIds(), TimeProvider.System.GetTimestamp()));
        IReadOnlyDictionary<uint, ulong>? due = null;
        while (_looks.TryPeek(out var oldest) && TimeProvider.System.GetElapsedTime(oldest.At) >= _faults.Current.ViewDelay)
            due = _looks.Dequeue().Last;
        if (due is null) return;
        lock (_gate)
        {
            if (due.Count == _current.Count && due.All(entry => _current.TryGetValue(entry.Key, out var last) && last == entry.Value))
                return;
            _current = due;
            _changed.SetResult();
            _changed = NewSignal();
        }
    }

    private readonly record struct Look(IReadOnlyDictionary<uint, ulong> Last, long At);
}
