using System.Collections.Concurrent;
using System.Diagnostics;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Bench.Sdk;

/// <summary>The gateway's own time of each publish, from its traces: the publish less what it waited for the node.</summary>
internal sealed class GatewayTimes : IDisposable
{
    private readonly ConcurrentDictionary<ActivitySpanId, TimeSpan> _waited = new();
    private readonly ConcurrentQueue<double> _own = new();
    private readonly ActivityListener _listener;

    public GatewayTimes()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == PublishTracing.SourceName,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Forgets what was measured so far.</summary>
    public void Clear() => _own.Clear();

    /// <summary>Milliseconds, a publish each.</summary>
    public IReadOnlyList<double> Take() => [.. _own];

    public void Dispose() => _listener.Dispose();

    private void Stopped(Activity activity)
    {
        if (activity.OperationName == "node publish")
        {
            _waited.AddOrUpdate(activity.ParentSpanId, activity.Duration, (_, before) => before + activity.Duration);
        }
        else if (activity.OperationName == "publish" && _waited.TryRemove(activity.SpanId, out var node))
            _own.Enqueue((activity.Duration - node).TotalMilliseconds);
    }
}
