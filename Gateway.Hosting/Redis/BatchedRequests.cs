using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Batches the concurrent calls of many callers into few requests to a store: while <paramref name="maxInFlight"/>
/// requests are in flight, further items wait and are sent together in the next one. A single caller never waits for
/// others. Thread-safe.
/// </summary>
/// <remarks>
/// After a request with several items, the next one is sent behind the work that the thread pool has queued, since that brings
/// more items: a busy process sends few large requests, and an idle one waits for nothing.
/// </remarks>
/// <typeparam name="TItem">The item of a call.</typeparam>
/// <typeparam name="TAnswer">The answer to an item.</typeparam>
/// <param name="send">Sends a request; returns one answer per item, in order, or null on timeout.</param>
/// <param name="unanswered">
/// The answer to an item when the store did not respond. Items that waited for that request get it too and are not
/// sent, as they have waited as long.
/// </param>
/// <param name="left">Called with an answer whose caller cancelled before it came.</param>
/// <param name="maxItems">The max items per request; at least 1.</param>
/// <param name="maxInFlight">The max concurrent requests; at least 1.</param>
internal sealed class BatchedRequests<TItem, TAnswer>(
    Func<IReadOnlyList<TItem>, ValueTask<TAnswer[]?>> send,
    Func<TItem, TAnswer> unanswered,
    Action<TItem, TAnswer> left,
    int maxItems,
    int maxInFlight)
{
    private readonly Lock _gate = new();
    private readonly Queue<Pending> _waiting = new();
    private int _inFlight;

    // Whether the newest request carried several items: then further callers are likely to come at once.
    private volatile bool _isShared;

    /// <summary>Sends an item in one of the next requests and returns its answer.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled. An item that was not sent yet is not
    /// sent.</exception>
    internal ValueTask<TAnswer> AskAsync(TItem item, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<TAnswer>(cancellationToken);
        var pending = new Pending(item, Activity.Current);
        if (Enqueue(pending)) _ = RunAsync();
        return cancellationToken.CanBeCanceled ? WaitAsync(pending, cancellationToken) : new(pending.Task);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<TAnswer> WaitAsync(Pending pending, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            static (one, token) => ((Pending)one!).TrySetCanceled(token), pending);
        return await pending.Task.ConfigureAwait(false);
    }

    // Whether the caller has to run the requests.
    private bool Enqueue(Pending pending)
    {
        lock (_gate)
        {
            _waiting.Enqueue(pending);
            if (_inFlight == maxInFlight) return false;
            _inFlight++;
            return true;
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            if (_isShared) await Task.Yield();
            if (Next(maxItems) is not { } batch) return;
            batch.RemoveAll(static pending => pending.Task.IsCompleted);
            if (batch.Count == 0) continue;
            _isShared = batch.Count > 1;
            Activity.Current = batch[0].Activity;
            try
            {
                var answers = await send(batch.ConvertAll(static pending => pending.Item)).ConfigureAwait(false);
                if (answers is null) batch.AddRange(Next(int.MaxValue, keepsRunning: true) ?? []);
                for (var i = 0; i < batch.Count; i++) Answer(batch[i], answers is null ? unanswered(batch[i].Item) : answers[i]);
            }
#pragma warning disable CA1031 // Each caller of the batch gets it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                foreach (var pending in batch) pending.TrySetException(exception);
            }
        }
    }

    private void Answer(Pending pending, TAnswer answer)
    {
        if (!pending.TrySetResult(answer)) left(pending.Item, answer);
    }

    private List<Pending>? Next(int max, bool keepsRunning = false)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                if (!keepsRunning) _inFlight--;
                return null;
            }

            var next = new List<Pending>(Math.Min(max, _waiting.Count));
            while (next.Count < max && _waiting.TryDequeue(out var pending)) next.Add(pending);
            return next;
        }
    }

    private sealed class Pending(TItem item, Activity? activity)
        : TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        internal TItem Item => item;

        internal Activity? Activity => activity;
    }
}
