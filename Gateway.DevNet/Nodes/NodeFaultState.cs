namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The current faults of a node. Thread-safe.</summary>
internal sealed class NodeFaultState
{
    private readonly Lock _gate = new();
    private NodeFaults _current = NodeFaults.None;
    private TaskCompletionSource _changed = NewSignal();
    private Countdown _before = new(null);
    private Countdown _after = new(null);

    /// <summary>The current faults.</summary>
    public NodeFaults Current
    {
        get
        {
            lock (_gate) return _current;
        }
    }

    /// <summary>Completes at the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate) return _changed.Task;
        }
    }

    /// <summary>Replaces all faults, and restarts the count of calls.</summary>
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

    /// <summary>The fault of the next publish before it is checked; null for none.</summary>
    public PublishFault? NextBeforeStaging()
    {
        lock (_gate) return _before.Next();
    }

    /// <summary>The fault of the next publish after it is staged; null for none.</summary>
    public PublishFault? NextAfterStaging()
    {
        lock (_gate) return _after.Next();
    }

    /// <summary>Waits while replication is stopped.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task UntilReplicatingAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = Changed;
            if (!Current.ReplicationStopped) return;
            await changed.WaitAsync(cancellationToken);
        }
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
