using System.Collections.Concurrent;
using System.Diagnostics;
using Xmtp.Gateway.Tests.BroadcastNetwork;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Telemetry;

/// <summary>A call that several publishes share is a trace of its own, to which each of theirs is linked.</summary>
public sealed class CoalescingTraceTests : IDisposable
{
    private const string SharedCall = "shared node call";
    private static readonly ActivitySource Client = new("Gateway.Tests.CoalescingClient");

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ConcurrentDictionary<ActivityTraceId, byte> _wanted = new();
    private readonly ActivityListener _listener;

    public CoalescingTraceTests()
    {
        // Only the traces of this class: other tests of this process count what their code allocates.
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Gateway.Tests.CoalescingClient" or "Xmtp.Gateway.Publishing",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Source == Client || options.Name == SharedCall || _wanted.ContainsKey(options.Parent.TraceId)
                    ? ActivitySamplingResult.AllDataAndRecorded
                    : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Each_publish_is_linked_to_the_call_that_it_shares()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        var publishes = new List<Task>();
        for (byte i = 1; i <= 3; i++)
        {
            using var client = Client.StartActivity("client");
            _wanted[client!.TraceId] = 0;
            publishes.Add(rig.PublishAsync("a", Envelopes.Application(i)));
        }

        rig.EndWait();
        await rig.Node.WaitsAsync();
        rig.Node.Store.StartWorker();
        await Task.WhenAll([.. held, .. publishes]);

        await Eventually.IsAsync(() => Attempts().Count == 3, "the spans of the publishes ended");
        var call = Assert.Single(Attempts().Select(attempt => Assert.Single(attempt.Links).Context).Distinct());
        await Eventually.IsAsync(() => _ended.Any(span => span.SpanId == call.SpanId), "the span of the call ended");
        var shared = _ended.Single(span => span.SpanId == call.SpanId);
        Assert.Equal((SharedCall, 3, null), (shared.OperationName, shared.GetTagItem("xmtp.envelopes"), shared.ParentId));
    }

    private List<Activity> Attempts() =>
        [.. _ended.Where(span => span.OperationName == "node publish" && _wanted.ContainsKey(span.TraceId))];
}
