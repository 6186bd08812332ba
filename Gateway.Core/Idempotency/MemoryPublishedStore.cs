namespace Xmtp.Gateway.Idempotency;

/// <summary>The store in the memory of one process.</summary>
/// <remarks>
/// Claims need no lease here: their owners are in this process and end them. Answers are removed in the order of their
/// arrival. When one is removed before the window has passed, a mark that its envelope was published stays until then, and no
/// envelope is claimed for which there would be no room. One lock, held only for a lookup; answers are not separate objects.
/// </remarks>
/// <param name="options">The window, and how much is kept.</param>
/// <param name="metrics">Counts answers that are removed early.</param>
/// <param name="time">The clock of the window.</param>
/// <param name="isInFrontOfShared">Whether a shared store behind this one keeps the marks.</param>
internal sealed class MemoryPublishedStore(
    IdempotencyOptions options, IdempotencyMetrics metrics, TimeProvider time, bool isInFrontOfShared = false) : IPublishedStore
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(400);

    private readonly Lock _gate = new();
    private readonly Dictionary<EnvelopeKey, Record> _records = [];
    private readonly AnswerLog _answers = new();
    private readonly PublishedMarks? _marks = isInFrontOfShared ? null : new PublishedMarks();
    private readonly long _maxRemembered = options.Capacity + (long)options.Marks;
    private readonly Dictionary<EnvelopeKey, TaskCompletionSource> _waiting = [];
    private readonly Queue<(EnvelopeKey Key, ulong Owner, long At)> _abandoned = new();

    public ValueTask<Claim> ClaimAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken) =>
        new(Claim(key, owner, isTentative: false));

    public ValueTask<Claim[]> ClaimAsync(IReadOnlyList<EnvelopeKey> keys, ulong owner, CancellationToken cancellationToken) =>
        new(Claim(keys, owner, isTentative: false));

    public ValueTask<Claim> TakeOverAsync(EnvelopeKey key, ulong owner, CancellationToken cancellationToken) =>
        new(Seize(key, owner, out _));

    /// <summary>Claims an envelope.</summary>
    /// <param name="key">The envelope.</param>
    /// <param name="owner">The owner of the claim.</param>
    /// <param name="isTentative">
    /// Whether nothing is published before the claim is confirmed: until then it can be seized.
    /// </param>
    internal Claim Claim(EnvelopeKey key, ulong owner, bool isTentative)
    {
        lock (_gate) return ClaimOne(key, owner, isTentative);
    }

    /// <summary>Claims envelopes; one result per key, in order. Keys must differ.</summary>
    internal Claim[] Claim(IReadOnlyList<EnvelopeKey> keys, ulong owner, bool isTentative)
    {
        var claims = new Claim[keys.Count];
        lock (_gate)
        {
            for (var i = 0; i < claims.Length; i++) claims[i] = ClaimOne(keys[i], owner, isTentative);
        }

        return claims;
    }

    /// <summary>Confirms a tentative claim.</summary>
    /// <returns>Whether the owner still holds it.</returns>
    internal bool Confirm(EnvelopeKey key, ulong owner)
    {
        lock (_gate) return ConfirmOne(key, owner);
    }

    /// <summary>Confirms tentative claims.</summary>
    /// <returns>Whether the owner still holds all of them.</returns>
    internal bool Confirm(IReadOnlyList<EnvelopeKey> keys, ulong owner)
    {
        var areHeld = true;
        lock (_gate)
        {
            for (var i = 0; i < keys.Count; i++) areHeld &= ConfirmOne(keys[i], owner);
        }

        return areHeld;
    }

    /// <summary>Whether the owner holds the claim.</summary>
    internal bool IsHeldBy(EnvelopeKey key, ulong owner)
    {
        lock (_gate) return IsHeld(key, owner);
    }

    /// <summary>Takes over a claim that was abandoned, or is tentative.</summary>
    /// <param name="key">The envelope.</param>
    /// <param name="owner">The new owner.</param>
    /// <param name="from">The owner of the tentative claim.</param>
    internal Claim Seize(EnvelopeKey key, ulong owner, out ulong? from)
    {
        lock (_gate)
        {
            from = null;
            if (_records.TryGetValue(key, out var record) && (record.IsAbandoned || record.IsTentative))
            {
                if (record.IsTentative && record.Owner != owner) from = record.Owner;
                _records[key] = new Record(owner);
            }

            // An envelope that may have been sent already needs its claim, whether there is room or not.
            return ClaimOne(key, owner, isTentative: false, needsRoom: false);
        }
    }

    public ValueTask EndAsync(EnvelopeKey key, ulong owner, PublishedAnswer? answer, Action? onPersisted = null)
    {
        End(key, owner, answer);
        onPersisted?.Invoke();
        return ValueTask.CompletedTask;
    }

    public ValueTask EndAsync(IReadOnlyList<EndedClaim> ended, ulong owner)
    {
        End(ended, owner);
        for (var i = 0; i < ended.Count; i++) ended[i].OnPersisted?.Invoke();
        return ValueTask.CompletedTask;
    }

    // An envelope in doubt is not published again within the window, unless its transaction is taken over and its end known.
    public void Abandon(EnvelopeKey key, ulong owner)
    {
        lock (_gate)
        {
            if (!IsHeld(key, owner)) return;
            _records[key] = new Record(owner) { IsAbandoned = true };
            _abandoned.Enqueue((key, owner, time.GetTimestamp()));
        }
    }

    public bool IsSure(EnvelopeKey key) => true;

    public bool AreSure => true;

    // Waits for one envelope of a request and checks the others when it ends, and at intervals: a batch costs one wait.
    public async ValueTask<IReadOnlyList<int>> WaitAsync(IReadOnlyList<EnvelopeKey> keys, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource? ended;
            lock (_gate)
            {
                List<int>? free = null;
                for (var i = 0; i < keys.Count; i++)
                {
                    if (!IsClaimed(keys[i])) (free ??= []).Add(i);
                }

                if (free is not null) return free;
                if (!_waiting.TryGetValue(keys[0], out ended))
                    _waiting[keys[0]] = ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (keys.Count == 1) await ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            else await WaitAsync(ended.Task, cancellationToken).ConfigureAwait(false);
            // Another caller may have claimed the first envelope again; the caller will find out.
            if (ended.Task.IsCompleted && IsBusy(keys[0])) return [0];
        }
    }

    private async ValueTask WaitAsync(Task first, CancellationToken cancellationToken)
    {
        try
        {
            await first.WaitAsync(BetweenLooks, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Another envelope may have ended.
        }
    }

    /// <summary>Whether an owner in this process publishes it now.</summary>
    internal bool IsBusy(EnvelopeKey key)
    {
        lock (_gate) return IsClaimed(key);
    }

    /// <summary>Whether its answer is known in this process.</summary>
    internal bool IsPublished(EnvelopeKey key)
    {
        lock (_gate) return _answers.Contains(key);
    }

    /// <summary>Ends a claim, and wakes the waiting callers.</summary>
    internal void End(EnvelopeKey key, ulong owner, PublishedAnswer? answer)
    {
        TaskCompletionSource? wakes;
        lock (_gate) wakes = EndOne(key, owner, answer);
        wakes?.TrySetResult();
    }

    /// <summary>Ends claims of one owner, and wakes the waiting callers.</summary>
    internal void End(IReadOnlyList<EndedClaim> ended, ulong owner)
    {
        List<TaskCompletionSource>? all = null;
        lock (_gate)
        {
            for (var i = 0; i < ended.Count; i++)
            {
                if (EndOne(ended[i].Key, owner, ended[i].Answer) is { } wakes) (all ??= []).Add(wakes);
            }
        }

        foreach (var wakes in all ?? []) wakes.TrySetResult();
    }

    private TaskCompletionSource? EndOne(EnvelopeKey key, ulong owner, PublishedAnswer? answer)
    {
        if (!IsHeld(key, owner)) return null;
        if (answer is { } published) Remember(key, _answers.Add(published));
        else _records.Remove(key);
        _waiting.Remove(key, out var wakes);
        return wakes;
    }

    private bool ConfirmOne(EnvelopeKey key, ulong owner)
    {
        if (!IsHeld(key, owner)) return false;
        _records[key] = new Record(owner);
        return true;
    }

    private bool IsClaimed(EnvelopeKey key) => _records.ContainsKey(key);

    private bool IsHeld(EnvelopeKey key, ulong owner) => _records.TryGetValue(key, out var record) && record.Owner == owner;

    private Claim ClaimOne(EnvelopeKey key, ulong owner, bool isTentative, bool needsRoom = true)
    {
        Forget();
        if (_marks is not null && _marks.Contains(key)) return new Claim(ClaimState.AnswerGone);
        if (_answers.Read(key) is { } answer) return new Claim(ClaimState.Published, PublishedAnswer.Read(answer));
        if (_records.TryAdd(key, new Record(owner) { IsTentative = isTentative }))
        {
            if (!needsRoom || HasRoom()) return new Claim(ClaimState.Mine);
            _records.Remove(key);
            return new Claim(ClaimState.NoRoom);
        }

        return new Claim(_records[key].Owner == owner ? ClaimState.Mine : ClaimState.Busy);
    }

    // Each claim may become an answer, and each answer a mark.
    private bool HasRoom() => _marks is null || _records.Count + _answers.Count + (long)_marks.Count <= _maxRemembered;

    private void Remember(EnvelopeKey key, long answer)
    {
        _records.Remove(key);
        _answers.Enter(answer, key, time.GetTimestamp());
        Forget();
    }

    // Answers are removed only here. Those that become marks are the oldest, so marks are in the order of their times.
    private void Forget()
    {
        while (_abandoned.TryPeek(out var left) && time.GetElapsedTime(left.At) >= options.Window)
        {
            _abandoned.Dequeue();
            if (!_records.TryGetValue(left.Key, out var record) || !record.IsAbandoned || record.Owner != left.Owner) continue;
            _records.Remove(left.Key);
            if (_waiting.Remove(left.Key, out var wakes)) wakes.TrySetResult();
        }

        _marks?.Remove(options.Window, time);
        while (_answers.Count > 0)
        {
            var (key, at) = _answers.Oldest;
            var isOld = time.GetElapsedTime(at) >= options.Window;
            if (!isOld && _answers.Count <= options.Capacity) return;
            if (!isOld)
            {
                metrics.ForgottenEarly();
                _marks?.Add(key, at);
            }

            _answers.RemoveOldest();
        }
    }

    private readonly record struct Record(ulong Owner)
    {
        internal bool IsAbandoned { get; init; }

        internal bool IsTentative { get; init; }
    }
}
