using System.Collections.Concurrent;
using System.Diagnostics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.ChainWatcher;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Telemetry;

/// <summary>One trace shows a publish, from the client's call to the node's answer or to the receipt.</summary>
public sealed class PublishTraceTests : IClassFixture<DevNetFixture>, IDisposable
{
    private static readonly ActivitySource Client = new("Gateway.Tests.Client");

    private readonly DevNetFixture _box;
    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ConcurrentDictionary<ActivityTraceId, byte> _wanted = new();
    private readonly ActivityListener _listener;
    private readonly string _folder = Directory.CreateTempSubdirectory("watcher").FullName;

    public PublishTraceTests(DevNetFixture box)
    {
        _box = box;
        // Only the traces of this class: other tests of this process count what their code allocates.
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Gateway.Tests.Client" or "Microsoft.AspNetCore"
                || source.Name.StartsWith("Xmtp.Gateway", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => Wants(options)
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.None,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory, InlineData(Speaks.Grpc), InlineData(Speaks.ConnectJson)]
    public async Task A_message_to_a_node_is_one_trace_from_the_call_through_authorization_and_signature_to_the_node(Speaks speaks)
    {
        var spans = await PublishAsync(speaks, Envelopes.Welcome((byte)(40 + speaks)));
        var call = Assert.Single(spans, span => span.Kind == ActivityKind.Server);
        AssertUnder(call, Assert.Single(spans, span => span.OperationName == "authorize"));
        var publish = Assert.Single(spans, span => span.OperationName == "publish");
        AssertUnder(call, publish);
        AssertUnder(publish, Assert.Single(spans, span => span.OperationName == "sign"));
        Assert.Equal("publish 1 envelope: 1 welcome", publish.DisplayName);
        Assert.Equal(publish.DisplayName, call.GetTagItem("xmtp.publish"));
        Assert.Equal("1 welcome", publish.GetTagItem("xmtp.kinds"));
        Assert.Equal(
            IdentityHash.Of(new ClientIdentity("address", "127.0.0.1")), publish.GetTagItem("xmtp.identity"));
        Assert.Matches("^[1-9][0-9]+$", Assert.IsType<string>(publish.GetTagItem("xmtp.cost_picodollars")));
        var node = Assert.Single(spans, span => span.OperationName == "node publish");
        Assert.Equal($"{node.GetTagItem("xmtp.originator")}", publish.GetTagItem("xmtp.originators"));
        AssertUnder(publish, node);
        Assert.Contains(Assert.IsType<uint>(node.GetTagItem("xmtp.originator")), _box.Network.Nodes.Select(known => known.Id));
    }

    [Fact]
    public async Task An_identity_update_is_one_trace_from_the_call_to_the_receipt_and_what_a_watcher_sees_of_it_is_linked()
    {
        await using var watcher = await WatcherUnderTest.StartAsync(
            _box.Network.ChainUrl, _box.Network.ChainWebSocketUrl, "--watcher.state-folder", _folder);
        await watcher.IsReadyAsync();
        var spans = await PublishAsync(Speaks.Grpc, Envelopes.Identity(77));
        AssertUnder(
            Assert.Single(spans, span => span.Kind == ActivityKind.Server), Assert.Single(spans, span => span.OperationName == "publish"));
        var transaction = Assert.Single(spans, span => span.OperationName == "transaction");
        foreach (var step in new[] { "sign", "send", "await receipt" })
            AssertUnder(transaction, Assert.Single(spans, span => span.OperationName == step));
        Assert.Equal("Mined", transaction.GetTagItem("xmtp.outcome"));
        Assert.NotNull(transaction.GetTagItem("xmtp.block"));

        var link = Assert.Single(transaction.Links).Context;
        Assert.Equal(TransactionTrace.ContextOf(Bytes32.Parse(Assert.IsType<string>(transaction.GetTagItem("xmtp.transaction")))), link);
        await Eventually.IsAsync(() => _ended.Any(span => span.TraceId == link.TraceId), "the watcher saw the transaction");
        var seen = _ended.First(span => span.TraceId == link.TraceId);
        Assert.Equal("seen IdentityUpdateCreated", seen.OperationName);
        Assert.Equal(link.SpanId, seen.ParentSpanId);
    }

    [Fact]
    public async Task A_batch_names_how_many_of_which_kind()
    {
        var spans = await PublishAsync(Speaks.Grpc, Envelopes.Application(91), Envelopes.Application(92), Envelopes.Commit(93));
        Assert.Equal(
            "publish 3 envelopes: 2 messages, 1 commit",
            Assert.Single(spans, span => span.OperationName == "publish").DisplayName);
    }

    private async Task<List<Activity>> PublishAsync(Speaks speaks, params ClientEnvelope[] envelopes)
    {
        using var client = new GatewayClient(_box.Network.Gateway, speaks);
        var trace = ActivityTraceId.CreateRandom();
        _wanted.TryAdd(trace, 0);
        using (Client.StartActivity(
            "client", ActivityKind.Client, new ActivityContext(trace, ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded)))
            await client.PublishAsync(envelopes);

        // The server ends its own span after the client has its answer.
        await Eventually.IsAsync(
            () => _ended.Any(span => span.TraceId == trace && span.Kind == ActivityKind.Server), "the server's span ended");
        return [.. _ended.Where(span => span.TraceId == trace)];
    }

    private bool Wants(in ActivityCreationOptions<ActivityContext> options) =>
        options.Name.StartsWith("seen ", StringComparison.Ordinal)
            || (options.Parent.TraceId != default && _wanted.ContainsKey(options.Parent.TraceId));

    private static void AssertUnder(Activity parent, Activity child) => Assert.Equal(parent.SpanId, child.ParentSpanId);
}
