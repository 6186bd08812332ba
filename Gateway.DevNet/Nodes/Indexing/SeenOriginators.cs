namespace Xmtp.Gateway.DevNet.Nodes.Indexing;

/// <summary>The last number of each originator, as the node took notice of it last: it looks each 100 ms, and what was ordered since then it does not know yet.</summary>
/// <remarks>Thread-safe. <see cref="NodeFaults.ViewDelay"/> makes it older still.</remarks>
internal sealed class SeenOriginators : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly EnvelopeStore store;
    private readonly NodeFaultState faults;
    private readonly Queue<Look> looks = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly Task running;
    private IReadOnlyDictionary<uint, ulong> current;
    private TaskCompletionSource changed = NewSignal();

    /// <summary>Begins at once, in the background.</summary>
    public SeenOriginators(EnvelopeStore store, NodeFaultState faults)
    {
        (this.store, this.faults) = (store, faults);
        current = store.LastSequenceIds();
        running = Task.Run(RunAsync);
    }

    /// <summary>The last number that was seen of an originator; null when it has not been seen.</summary>
    public ulong? Find(uint originator) => Current(out _).TryGetValue(originator, out var last) ? last : null;

    /// <summary>All of it.</summary>
    /// <param name="next">Ends when it changes.</param>
    public IReadOnlyDictionary<uint, ulong> Current(out Task next)
    {
        lock (gate)
        {
            next = changed.Task;
            return current;
        }
    }

    /// <summary>Stops looking.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token)) LookAgain();
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }

    // The newest look that is old enough counts; while none is, what counted before.
    private void LookAgain()
    {
        looks.Enqueue(new Look(store.LastSequenceIds(), TimeProvider.System.GetTimestamp()));
        IReadOnlyDictionary<uint, ulong>? due = null;
        while (looks.TryPeek(out var oldest) && TimeProvider.System.GetElapsedTime(oldest.At) >= faults.Current.ViewDelay) due = looks.Dequeue().Last;
        if (due is null) return;
        lock (gate)
        {
            if (due.Count == current.Count && due.All(entry => current.TryGetValue(entry.Key, out var last) && last == entry.Value)) return;
            current = due;
            changed.SetResult();
            changed = NewSignal();
        }
    }

    private readonly record struct Look(IReadOnlyDictionary<uint, ulong> Last, long At);
}
