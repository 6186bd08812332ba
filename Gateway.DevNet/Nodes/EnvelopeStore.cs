using Xmtp.Gateway.DevNet.Nodes.Publishing;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>A node's in-memory store: all envelopes by originator and by topic, each in order.</summary>
/// <remarks>
/// Thread-safe. A single lock covers everything, so a reader sees all or nothing of a batch. The node's own envelopes
/// get their sequence ids when they are staged; those of other originators have theirs and are added by
/// <see cref="TryAdd"/>. The sequence ids of one originator only rise, so the order of arrival is also the order of
/// each originator. With a journal, the envelopes of nodes survive the process; those of the App Chain are read from
/// the chain again.
/// </remarks>
public sealed class EnvelopeStore : IDisposable
{
    private readonly EnvelopeJournal? _journal;
    private readonly Lock _gate = new();
    private readonly List<StoredEnvelope> _arrivals = [];
    private readonly Dictionary<uint, List<StoredEnvelope>> _byOriginator = [];
    private readonly Dictionary<string, List<StoredEnvelope>> _byTopic = [];
    private TaskCompletionSource _more = NewSignal();

    /// <summary>An empty store, in memory only.</summary>
    public EnvelopeStore()
    {
    }

    /// <summary>A store loaded from a file, to which new envelopes are appended.</summary>
    /// <param name="path">The file; it is created if missing.</param>
    /// <exception cref="IOException">It cannot be opened, or another process uses it.</exception>
    public EnvelopeStore(string path)
    {
        _journal = EnvelopeJournal.Open(path, out var kept);
        foreach (var envelope in kept.Where(envelope => envelope.SequenceId > LastSequenceId(envelope.OriginatorId))) Keep(envelope);
        Staged = new StagedEnvelopes(path + ".staged", (originator, number) => number <= LastSequenceId(originator));
    }

    /// <summary>The accepted envelopes that are not inserted here yet.</summary>
    internal StagedEnvelopes Staged { get; } = new();

    /// <summary>Completes when an envelope is stored.</summary>
    internal Task NextArrival
    {
        get
        {
            lock (_gate) return _more.Task;
        }
    }

    /// <summary>The number of envelopes of all originators.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _arrivals.Count;
        }
    }

    /// <summary>The last sequence id of an originator; 0 when there is none.</summary>
    public ulong LastSequenceId(uint originatorId)
    {
        lock (_gate) return _byOriginator.TryGetValue(originatorId, out var list) ? list[^1].SequenceId : 0;
    }

    /// <summary>Stores a batch of the node's own envelopes, which have their sequence ids.</summary>
    /// <exception cref="InvalidOperationException">A sequence id is not above the previous one.</exception>
    internal void AddNumbered(IReadOnlyList<StoredEnvelope> batch)
    {
        lock (_gate)
        {
            var last = LastSequenceId(batch[0].OriginatorId);
            foreach (var envelope in batch)
            {
                last = envelope.SequenceId > last
                    ? envelope.SequenceId
                    : throw new InvalidOperationException($"number {envelope.SequenceId} comes after {last}");
            }
            _journal?.Write(batch);
            foreach (var envelope in batch) Keep(envelope);
            Announce();
        }
    }

    /// <summary>Stores an envelope of another node or of the App Chain, which has its sequence id.</summary>
    /// <returns>False when this sequence id, or a later one of the same originator, is stored already.</returns>
    public bool TryAdd(StoredEnvelope envelope)
    {
        lock (_gate)
        {
            if (envelope.SequenceId <= LastSequenceId(envelope.OriginatorId)) return false;
            _journal?.Write([envelope]);
            Keep(envelope);
            Announce();
            return true;
        }
    }

    /// <summary>The envelopes of an originator with a sequence id above <paramref name="after"/>, in order.</summary>
    public IReadOnlyList<StoredEnvelope> OfOriginator(uint originatorId, ulong after = 0, int limit = int.MaxValue)
    {
        lock (_gate)
            return _byOriginator.TryGetValue(originatorId, out var list) ? [.. list.Skip(FirstAbove(list, after)).Take(limit)] : [];
    }

    /// <summary>The envelopes of a topic, in order of arrival.</summary>
    /// <param name="topic">The topic, including its kind byte.</param>
    public IReadOnlyList<StoredEnvelope> OfTopic(ReadOnlySpan<byte> topic)
    {
        var key = Convert.ToHexString(topic);
        lock (_gate) return _byTopic.TryGetValue(key, out var list) ? [.. list] : [];
    }

    /// <summary>The envelope of a topic that arrived last; null when there is none.</summary>
    /// <param name="topic">The topic, including its kind byte.</param>
    public StoredEnvelope? NewestOfTopic(ReadOnlySpan<byte> topic)
    {
        var key = Convert.ToHexString(topic);
        lock (_gate) return _byTopic.TryGetValue(key, out var list) ? list[^1] : null;
    }

    /// <summary>The envelopes from a position in the order of arrival.</summary>
    /// <param name="position">0, or <see cref="Arrivals.Next"/> of an earlier read.</param>
    public Arrivals ReadFrom(int position)
    {
        lock (_gate) return new Arrivals(_arrivals[position..], _arrivals.Count, _more.Task);
    }

    /// <summary>The last sequence id of each originator.</summary>
    internal IReadOnlyDictionary<uint, ulong> LastSequenceIds()
    {
        lock (_gate) return _byOriginator.ToDictionary(entry => entry.Key, entry => entry.Value[^1].SequenceId);
    }

    /// <summary>Closes the files, if any; nothing can be added any more.</summary>
    public void Dispose()
    {
        _journal?.Dispose();
        Staged.Dispose();
    }

    private static int FirstAbove(List<StoredEnvelope> list, ulong after)
    {
        var (low, high) = (0, list.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (list[middle].SequenceId > after) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Requires the lock.
    private void Keep(StoredEnvelope envelope)
    {
        _arrivals.Add(envelope);
        ListOf(_byOriginator, envelope.OriginatorId).Add(envelope);
        ListOf(_byTopic, Convert.ToHexString(envelope.Topic.Bytes.Span)).Add(envelope);
    }

    // Requires the lock.
    private void Announce()
    {
        _more.SetResult();
        _more = NewSignal();
    }

    private static List<StoredEnvelope> ListOf<TKey>(Dictionary<TKey, List<StoredEnvelope>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list)) lists[key] = list = [];
        return list;
    }
}

/// <summary>The envelopes that arrived at a store since a reader's last read.</summary>
/// <param name="Envelopes">In the order of arrival.</param>
/// <param name="Next">The position to continue from.</param>
/// <param name="More">Completes when there is more.</param>
public readonly record struct Arrivals(IReadOnlyList<StoredEnvelope> Envelopes, int Next, Task More);
