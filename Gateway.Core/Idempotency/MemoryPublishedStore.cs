using System.Collections.Concurrent;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The store of one process.</summary>
/// <remarks>Claims need no lease here: whoever holds one is in this process and ends it. Answers are forgotten in the order in which they came.</remarks>
internal sealed class MemoryPublishedStore(IdempotencyOptions options, IdempotencyMetrics metrics, TimeProvider time) : IPublishedStore
{
    private readonly ConcurrentDictionary<EnvelopeKey, Entry> entries = new();
    private readonly ConcurrentQueue<(EnvelopeKey Key, Entry Entry)> answered = new();
    private int remembered;

    public ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken)
    {
        var claims = new Claim[keys.Count];
        for (var i = 0; i < claims.Length; i++) claims[i] = ClaimOne(keys[i], owner);
        return new ValueTask<Claim[]>(claims);
    }

    public ValueTask<Claim> SeizeAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken) => new(ClaimOne(key, owner));

    public ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer)
    {
        if (!entries.TryGetValue(key, out var entry) || entry.Owner != owner) return ValueTask.CompletedTask;
        if (answer is null) entries.TryRemove(new(key, entry));
        entry.End(answer, time.GetTimestamp());
        if (answer is null) return ValueTask.CompletedTask;
        answered.Enqueue((key, entry));
        Interlocked.Increment(ref remembered);
        Forget();
        return ValueTask.CompletedTask;
    }

    // Who would take it over in one process? Whoever waits looks again.
    public void Abandon(EnvelopeKey key, ulong owner) => _ = EndAsync(key, owner, null).AsTask();

    public async ValueTask WaitAsync(EnvelopeKey key, CancellationToken cancellationToken)
    {
        if (entries.TryGetValue(key, out var entry)) await entry.Ended.WaitAsync(cancellationToken);
    }

    /// <summary>Whether someone in this process publishes it now.</summary>
    internal bool IsBusy(EnvelopeKey key) => entries.TryGetValue(key, out var entry) && !entry.Ended.IsCompleted;

    private Claim ClaimOne(EnvelopeKey key, ulong owner)
    {
        Entry? mine = null;
        while (true)
        {
            var entry = entries.GetOrAdd(key, mine ??= new Entry(owner));
            if (ReferenceEquals(entry, mine) || (entry.Owner == owner && !entry.Ended.IsCompleted)) return new Claim(ClaimState.Mine);
            if (!entry.Ended.IsCompleted) return new Claim(ClaimState.Busy);
            if (entry.Answer is { } answer && !IsOld(entry)) return new Claim(ClaimState.Published, answer);
            entries.TryRemove(new(key, entry));
        }
    }

    private bool IsOld(Entry entry) => time.GetElapsedTime(entry.EndedAt) >= options.Window;

    // Several may be at it at once; then one or two answers more than needed go.
    private void Forget()
    {
        while (answered.TryPeek(out var oldest))
        {
            var isOld = IsOld(oldest.Entry);
            if (!isOld && Volatile.Read(ref remembered) <= options.Capacity) return;
            if (!answered.TryDequeue(out oldest)) return;
            Interlocked.Decrement(ref remembered);
            if (!isOld) metrics.ForgottenEarly();
            entries.TryRemove(new(oldest.Key, oldest.Entry));
        }
    }

    private sealed class Entry(ulong owner)
    {
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal ulong Owner => owner;

        internal PublishedAnswer? Answer { get; private set; }

        internal long EndedAt { get; private set; }

        /// <summary>Ends with the claim. What is written before is seen by whoever saw it end.</summary>
        internal Task Ended => ended.Task;

        internal void End(PublishedAnswer? answer, long now)
        {
            (Answer, EndedAt) = (answer, now);
            ended.TrySetResult();
        }
    }
}
