using System.Globalization;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>The record of topics of a gateway without replicas.</summary>
internal sealed class MemoryTopicHolds(TimeSpan lease, TimeProvider time) : ITopicHolds
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Sender, Dictionary<string, long> Calls)> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _unavailable = new(StringComparer.Ordinal);

    private long Now => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <inheritdoc/>
    public ValueTask<HoldAnswer> TakeAsync(HoldRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = Now;
            if (!_topics.TryGetValue(request.Topic, out var found)) found = ("", []);
            foreach (var (id, until) in request.Ended)
            {
                if (found.Calls.TryGetValue(id, out var at) && Text(at) == until) found.Calls.Remove(id);
            }

            var ended = found.Calls.Where(call => call.Value <= now).Select(call => (call.Key, Text(call.Value))).ToList();
            var live = found.Calls.Count - ended.Count;
            if (live == 0 && ended.Count > 0 && !request.IsInDoubt) return new(new HoldAnswer(HoldStatus.Ended, found.Sender, ended));
            if (live == 0 && ended.Count == 0) found = (Choose(request.Candidates, now), []);
            foreach (var id in request.Ids) found.Calls[id] = Until(now);
            _topics[request.Topic] = found;
            return new(new HoldAnswer(HoldStatus.Done, found.Sender, []));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<string>?> RenewAsync(
        IReadOnlyCollection<HeldCall> held, IReadOnlyCollection<EthereumAddress> unavailable, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var now = Now;
            foreach (var sender in unavailable) _unavailable[RedisTopicHolds.Name(sender)] = Until(now);
            List<string> lost = [];
            foreach (var call in held)
            {
                if (_topics.TryGetValue(call.Topic, out var found) && found.Calls.ContainsKey(call.Id)) found.Calls[call.Id] = Until(now);
                else lost.Add(call.Id);
            }

            return new(lost);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> ReleaseAsync(string topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_topics.TryGetValue(topic, out var found)) return new(true);
            foreach (var id in ids) found.Calls.Remove(id);
            if (found.Calls.Count == 0) _topics.Remove(topic);
            return new(true);
        }
    }

    private string Choose(IReadOnlyList<EthereumAddress> candidates, long now)
    {
        var names = candidates.Select(RedisTopicHolds.Name).ToList();
        return names.FirstOrDefault(name => _unavailable.GetValueOrDefault(name, long.MinValue) <= now) ?? names[0];
    }

    private long Until(long now) => now + (long)lease.TotalMilliseconds;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
