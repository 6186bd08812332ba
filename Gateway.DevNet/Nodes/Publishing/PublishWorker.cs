using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>Signs and inserts staged envelopes, in order, even if no caller waits for them.</summary>
internal sealed class PublishWorker : IAsyncDisposable
{
    private const int BatchSize = 100;
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);
    private readonly NodeState _node;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;

    /// <summary>Starts at once, in the background.</summary>
    public PublishWorker(NodeState node)
    {
        _node = node;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Stops; staged envelopes stay staged.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await WorkAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                // The node is stopping; the loop checks the token.
            }
            catch (RpcException exception)
            {
                NodeLog.WorkerFailed(_node.Logger, _node.Options.NodeId, exception.Error);
                await Task.Delay(FailurePause, TimeProvider.System, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        var (more, changed) = (_node.Staged.More, _node.Faults.Changed);
        var (faults, batch) = (_node.Faults.Current, _node.Staged.Peek(BatchSize));
        if (batch.Count == 0 || faults.IsWorkerStopped)
        {
            await Task.WhenAny(more, changed).WaitAsync(cancellationToken);
            return;
        }

        var rest = faults.WorkerDelay - Age(batch[0]);
        if (rest > TimeSpan.Zero)
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(changed, Task.Delay(rest, _node.Options.Time, linked.Token));
            await linked.CancelAsync();
            return;
        }

        var fees = new BatchFees(await _node.Options.Rates(cancellationToken), _node.Rate);
        var inserted = batch.TakeWhile(staged => Age(staged) >= faults.WorkerDelay)
            .Select(
                staged => _node.Signer.Sign(
                    staged, fees.Next(staged.Envelope.Bytes.Length, staged.Envelope.RetentionDays, staged.Nanoseconds)))
            .ToList();
        _node.Store.AddNumbered(inserted);
        _node.Rate.Add(inserted);
        _node.Staged.Remove(inserted.Count);
        NodeLog.Took(_node.Logger, _node.Options.NodeId, inserted.Count, inserted[0].SequenceId, inserted[^1].SequenceId);
    }

    // Envelopes staged by an earlier process count as old enough.
    private TimeSpan Age(StagedEnvelope staged) => staged.Timestamp is { } at ? _node.Options.Time.GetElapsedTime(at) : TimeSpan.MaxValue;
}
