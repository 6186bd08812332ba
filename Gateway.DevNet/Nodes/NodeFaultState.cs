namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The faults of a node as they are now. Thread-safe.</summary>
internal sealed class NodeFaultState
{
    private readonly Lock _gate = new();
    private NodeFaults _current = NodeFaults.None;
    private TaskCompletionSource _changed = NewSignal();
    private Countdown _before = new(null);
    private Countdown _after = new(null);

    /// <summary>What is wrong now.</summary>
    public NodeFaults Current
    {
        get
        {
            lock (_gate) return _current;
        }
    }

    /// <summary>Ends with the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate) return _changed.Task;
        }
    }

    /// <summary>Replaces all faults. Calls are counted from here.</summary>
    public void Set(NodeFaults faults)
    {
        TaskCompletionSource old;
        lock (_gate)
        {
            _current = faults;
            _before = new Countdown(faults.BeforeStaging);
            _after = new Countdown(faults.AfterStaging);
            old = _changed;
            _changed = NewSignal();
        }

        old.SetResult();
    }

    /// <summary>What one more call that publishes gets in place of being looked at.</summary>
    public PublishFault? NextBeforeStaging()
    {
        lock (_gate) return _before.Next();
    }

    /// <summary>What one more call that publishes gets once it is staged.</summary>
    public PublishFault? NextAfterStaging()
    {
        lock (_gate) return _after.Next();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Countdown(PublishFault? fault)
    {
        private int _calls;
        private int _taken;

        public PublishFault? Next()
        {
            if (fault is null || ++_calls % fault.Every != 0 || _taken >= (fault.Calls ?? int.MaxValue)) return null;
            _taken++;
            return fault;
        }
    }
}
