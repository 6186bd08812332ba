namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The faults of a node as they are now. Thread-safe.</summary>
internal sealed class NodeFaultState
{
    private readonly Lock gate = new();
    private NodeFaults current = NodeFaults.None;
    private TaskCompletionSource changed = NewSignal();
    private Countdown before = new(null);
    private Countdown after = new(null);

    /// <summary>What is wrong now.</summary>
    public NodeFaults Current
    {
        get
        {
            lock (gate) return current;
        }
    }

    /// <summary>Ends with the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (gate) return changed.Task;
        }
    }

    /// <summary>Replaces all faults. Calls are counted from here.</summary>
    public void Set(NodeFaults faults)
    {
        TaskCompletionSource old;
        lock (gate)
        {
            current = faults;
            before = new Countdown(faults.BeforeStaging);
            after = new Countdown(faults.AfterStaging);
            old = changed;
            changed = NewSignal();
        }

        old.SetResult();
    }

    /// <summary>What one more call that publishes gets in place of being looked at.</summary>
    public PublishFault? NextBeforeStaging()
    {
        lock (gate) return before.Next();
    }

    /// <summary>What one more call that publishes gets once it is staged.</summary>
    public PublishFault? NextAfterStaging()
    {
        lock (gate) return after.Next();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Countdown(PublishFault? fault)
    {
        private int calls;
        private int taken;

        public PublishFault? Next()
        {
            if (fault is null || ++calls % fault.Every != 0 || taken >= (fault.Calls ?? int.MaxValue)) return null;
            taken++;
            return fault;
        }
    }
}
