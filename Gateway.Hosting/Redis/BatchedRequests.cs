using System.Diagnostics;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Sends what many callers ask of a store at once in few requests: while <paramref name="maxInFlight"/> requests are under
/// way, what comes meanwhile waits and goes together in the next. A caller that is alone waits for nobody. Thread-safe.
/// </summary>
/// <typeparam name="TItem">What is asked.</typeparam>
/// <typeparam name="TAnswer">What is answered.</typeparam>
/// <param name="send">Asks; one answer an item, in order, or null when the store did not answer in its time.</param>
/// <param name="unanswered">
/// What an item is answered when the store did not. What waited for that request is not sent, as it waited as long.
/// </param>
/// <param name="left">Called with an answer whose caller left before it came.</param>
/// <param name="maxItems">The most items of one request; at least 1.</param>
/// <param name="maxInFlight">The most requests at a time; at least 1.</param>
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

    /// <summary>Asks.</summary>
    /// <exception cref="OperationCanceledException">The caller left. An item that was not sent yet is not sent.</exception>
    internal async ValueTask<TAnswer> AskAsync(TItem item, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var pending = new Pending(item, Activity.Current);
        if (TryStart(pending)) _ = RunAsync(pending);
        await using var registration = cancellationToken.UnsafeRegister(
            static (one, token) => ((Pending)one!).TrySetCanceled(token), pending).ConfigureAwait(false);
        return await pending.Task.ConfigureAwait(false);
    }

    private bool TryStart(Pending pending)
    {
        lock (_gate)
        {
            if (_inFlight < maxInFlight)
            {
                _inFlight++;
                return true;
            }

            _waiting.Enqueue(pending);
            return false;
        }
    }

    private async Task RunAsync(Pending first)
    {
        for (List<Pending>? batch = [first]; batch is not null; batch = Next(maxItems))
        {
            batch.RemoveAll(pending => pending.Task.IsCompleted);
            if (batch.Count == 0) continue;
            Activity.Current = batch[0].Activity;
            try
            {
                var answers = await send([.. batch.Select(pending => pending.Item)]).ConfigureAwait(false);
                if (answers is null) batch.AddRange(Next(int.MaxValue, keepsRunning: true) ?? []);
                for (var i = 0; i < batch.Count; i++) Answer(batch[i], answers is null ? unanswered(batch[i].Item) : answers[i]);
            }
#pragma warning disable CA1031 // Whoever asked gets it.
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

    private List<Pending>? Next(int most, bool keepsRunning = false)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0)
            {
                if (!keepsRunning) _inFlight--;
                return null;
            }

            var next = new List<Pending>(Math.Min(most, _waiting.Count));
            while (next.Count < most && _waiting.TryDequeue(out var pending)) next.Add(pending);
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
