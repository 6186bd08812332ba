using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>Signs and inserts what is staged, in order, whoever waits for it.</summary>
internal sealed class PublishWorker : IAsyncDisposable
{
    private const int BatchSize = 100;
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);
    private readonly NodeState node;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;

    /// <summary>Begins at once, in the background.</summary>
    public PublishWorker(NodeState node)
    {
        this.node = node;
        running = Task.Run(RunAsync);
    }

    /// <summary>Stops; what is staged stays staged.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopping.IsCancellationRequested) return;
        await stopping.CancelAsync();
        await running;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await WorkAsync(stopping.Token);
            }
            catch (OperationCanceledException)
            {
                // The node stops; the loop sees it.
            }
            catch (RpcException error)
            {
                NodeLog.WorkerFailed(node.Logger, node.Options.NodeId, error.Error);
                await Task.Delay(FailurePause, TimeProvider.System, stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        var (more, changed) = (node.Staged.More, node.Faults.Changed);
        var (faults, batch) = (node.Faults.Current, node.Staged.Peek(BatchSize));
        if (batch.Count == 0 || faults.WorkerStands)
        {
            await Task.WhenAny(more, changed).WaitAsync(cancellationToken);
            return;
        }

        var rest = faults.WorkerDelay - Age(batch[0]);
        if (rest > TimeSpan.Zero)
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(changed, Task.Delay(rest, node.Options.Time, linked.Token));
            await linked.CancelAsync();
            return;
        }

        var fees = new BatchFees(await node.Options.Rates(cancellationToken), node.Rate);
        var inserted = batch.TakeWhile(staged => Age(staged) >= faults.WorkerDelay)
            .Select(staged => node.Signer.Sign(staged, fees.Next(staged.Envelope.Bytes.Length, staged.Envelope.RetentionDays, staged.Nanoseconds)))
            .ToList();
        node.Store.AddNumbered(inserted);
        node.Rate.Add(inserted);
        node.Staged.Remove(inserted.Count);
        NodeLog.Took(node.Logger, node.Options.NodeId, inserted.Count, inserted[0].SequenceId, inserted[^1].SequenceId);
    }

    // What an earlier process staged is old enough.
    private TimeSpan Age(StagedEnvelope staged) => staged.Timestamp is { } at ? node.Options.Time.GetElapsedTime(at) : TimeSpan.MaxValue;
}
