namespace Xmtp.Gateway.Idempotency;

/// <summary>The store of one process.</summary>
/// <remarks>
/// Claims need no lease here: whoever holds one is in this process and ends it. Answers are forgotten in the order in which
/// they came. One lock, held for a look-up; nothing of what is remembered is an object of its own.
/// </remarks>
internal sealed class MemoryPublishedStore(IdempotencyOptions options, IdempotencyMetrics metrics, TimeProvider time) : IPublishedStore
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(400);

    private readonly Lock gate = new();
    private readonly Dictionary<EnvelopeKey, Record> records = new(Math.Min(options.Capacity, IdempotencyOptions.DefaultCapacity));
    private readonly Queue<Answered> oldestFirst = new();
    private readonly AnswerLog answers = new();
    private readonly Dictionary<EnvelopeKey, TaskCompletionSource> waiting = [];
    private readonly Queue<(EnvelopeKey Key, ulong Owner, long At)> abandoned = new();

    public ValueTask<Claim> ClaimAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        lock (gate) return new(ClaimOne(key, owner));
    }

    public ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken)
    {
        var claims = new Claim[keys.Count];
        lock (gate)
        {
            for (var i = 0; i < claims.Length; i++) claims[i] = ClaimOne(keys[i], owner);
        }

        return new(claims);
    }

    public ValueTask<Claim> SeizeAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (records.TryGetValue(key, out var record) && record is { IsAnswered: false, IsAbandoned: true }) records[key] = new Record(owner);
            return new(ClaimOne(key, owner));
        }
    }

    public ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer)
    {
        TaskCompletionSource? wakes;
        lock (gate)
        {
            if (!records.TryGetValue(key, out var record) || record.IsAnswered || record.Owner != owner) return ValueTask.CompletedTask;
            if (answer is { } published) Remember(key, owner, answers.Add(published));
            else records.Remove(key);
            waiting.Remove(key, out wakes);
        }

        wakes?.TrySetResult();
        return ValueTask.CompletedTask;
    }

    // What may still land is not published again within the window, unless its transaction is taken over and its end known.
    public void Abandon(EnvelopeKey key, ulong owner)
    {
        lock (gate)
        {
            if (!IsClaimed(key) || records[key].Owner != owner) return;
            records[key] = new Record(owner) { IsAbandoned = true };
            abandoned.Enqueue((key, owner, time.GetTimestamp()));
        }
    }

    public bool IsSure(EnvelopeKey key) => true;

    // One envelope of a request is waited for, and the others looked at when it ends, or now and then: a batch costs one wait.
    public async ValueTask<IReadOnlyList<int>> WaitAsync(IReadOnlyList<EnvelopeKey> keys, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource? ended;
            lock (gate)
            {
                List<int>? free = null;
                for (var i = 0; i < keys.Count; i++)
                {
                    if (!IsClaimed(keys[i])) (free ??= []).Add(i);
                }

                if (free is not null) return free;
                if (!waiting.TryGetValue(keys[0], out ended)) waiting[keys[0]] = ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (keys.Count == 1) await ended.Task.WaitAsync(cancellationToken);
            else await WaitAsync(ended.Task, cancellationToken);
            // Whoever was quicker may have claimed the first one again: that is for the caller to see.
            if (ended.Task.IsCompleted && IsBusy(keys[0])) return [0];
        }
    }

    private async ValueTask WaitAsync(Task first, CancellationToken cancellationToken)
    {
        try
        {
            await first.WaitAsync(BetweenLooks, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Another one may have ended.
        }
    }

    /// <summary>Whether someone in this process publishes it now.</summary>
    internal bool IsBusy(EnvelopeKey key)
    {
        lock (gate) return IsClaimed(key);
    }

    /// <summary>Whether its answer is known in this process.</summary>
    internal bool IsPublished(EnvelopeKey key)
    {
        lock (gate) return records.TryGetValue(key, out var record) && record.IsAnswered;
    }

    private bool IsClaimed(EnvelopeKey key) => records.TryGetValue(key, out var record) && !record.IsAnswered;

    private Claim ClaimOne(EnvelopeKey key, ulong owner)
    {
        Forget();
        if (records.TryAdd(key, new Record(owner))) return new Claim(ClaimState.Mine);
        var record = records[key];
        if (record.IsAnswered) return new Claim(ClaimState.Published, PublishedAnswer.Read(answers.Read(record.Answer)));
        return new Claim(record.Owner == owner ? ClaimState.Mine : ClaimState.Busy);
    }

    private void Remember(EnvelopeKey key, ulong owner, AnswerLog.Place answer)
    {
        records[key] = new Record(owner, true, answer);
        oldestFirst.Enqueue(new Answered(key, answer, time.GetTimestamp()));
        Forget();
    }

    // Each answer is in the queue once, and nothing else takes it from the records.
    private void Forget()
    {
        while (abandoned.TryPeek(out var left) && time.GetElapsedTime(left.At) >= options.Window)
        {
            abandoned.Dequeue();
            if (!records.TryGetValue(left.Key, out var record) || !record.IsAbandoned || record.Owner != left.Owner) continue;
            records.Remove(left.Key);
            if (waiting.Remove(left.Key, out var wakes)) wakes.TrySetResult();
        }

        while (oldestFirst.TryPeek(out var oldest))
        {
            var isOld = time.GetElapsedTime(oldest.At) >= options.Window;
            if (!isOld && oldestFirst.Count <= options.Capacity) return;
            if (!isOld) metrics.ForgottenEarly();
            oldestFirst.Dequeue();
            records.Remove(oldest.Key);
            if (oldestFirst.TryPeek(out var next)) answers.ForgetBefore(next.Answer);
        }
    }

    private readonly record struct Record(ulong Owner, bool IsAnswered = false, AnswerLog.Place Answer = default)
    {
        internal bool IsAbandoned { get; init; }
    }

    private readonly record struct Answered(EnvelopeKey Key, AnswerLog.Place Answer, long At);
}
