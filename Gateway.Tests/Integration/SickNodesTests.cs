using Google.Protobuf;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Tests.TestSupport;
using StatusCode = Grpc.Core.StatusCode;

namespace Xmtp.Gateway.Tests.Integration;

/// <summary>The whole gateway in front of two nodes of which one is sick: everything is published, and once.</summary>
public sealed class SickNodesTests(SickNodesTests.Box box) : IClassFixture<SickNodesTests.Box>
{
    private const int CallersAtOnce = 16;
    private const int Each = 6;
    private static int sizes = 100;

    public sealed class Box : DevNetFixture
    {
        protected override DevNetOptions Options => new() { GatewayArguments = ["--payer.envelope-publish-timeout=5s"] };
    }

    public static TheoryData<string, NodeFaults> Moods => new()
    {
        { "a slow worker", new NodeFaults { WorkerDelay = TimeSpan.FromMilliseconds(400) } },
        { "a worker that is stuck", new NodeFaults { WorkerStuck = true } },
        { "no database", new NodeFaults { StorageUnavailable = true } },
        { "no validation service", new NodeFaults { ValidationUnavailable = true } },
        { "stale rates", new NodeFaults { RatesStale = true } },
        { "a database that takes no writes", new NodeFaults { DatabaseReadOnly = true } },
        { "another node's address", new NodeFaults { OtherNode = true } },
        { "errors before staging", new NodeFaults { BeforeStaging = PublishFault.Answer(StatusCode.Internal) } },
        { "errors after staging", new NodeFaults { AfterStaging = PublishFault.Answer(StatusCode.Unavailable) with { Every = 7 } } },
        { "connections reset before staging", new NodeFaults { BeforeStaging = PublishFault.Reset() with { Every = 13 } } },
        { "connections reset after staging", new NodeFaults { AfterStaging = PublishFault.Reset() with { Every = 13 } } },
        { "pages of an edge", new NodeFaults { BeforeStaging = PublishFault.Page(503) } },
    };

    [Theory, MemberData(nameof(Moods))]
    public async Task Everything_is_published_once_while_one_node_has(string mood, NodeFaults faults)
    {
        var node = box.Network.Nodes[0];
        node.Faults = faults;
        var sent = await PublishAsync();
        node.Faults = NodeFaults.None;
        await AssertOnceAsync(sent, mood);
    }

    [Fact]
    public async Task Everything_is_published_once_while_a_node_is_killed_and_started_again()
    {
        var publishing = PublishAsync();
        for (var i = 0; i < 3 && !publishing.IsCompleted; i++) await box.Network.Nodes[0].RestartAsync(TestContext.Current.CancellationToken);
        await AssertOnceAsync(await publishing, "a node is killed");
    }

    private async Task<List<ByteString>> PublishAsync()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, CallersAtOnce).Select(CallerAsync));
        return [.. all.SelectMany(sent => sent)];
    }

    private async Task<List<ByteString>> CallerAsync(int caller)
    {
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        var sent = new List<ByteString>();
        for (var i = 0; i < Each; i++)
        {
            var envelope = i % 3 == 2 ? Envelopes.KeyPackage((byte)((caller * 8) + i)) : Envelopes.Welcome((byte)((caller * 8) + i), Interlocked.Increment(ref sizes));
            if (i % 3 == 2) envelope.UploadKeyPackage.KeyPackage.KeyPackageTlsSerialized = Unique(envelope.UploadKeyPackage.KeyPackage.KeyPackageTlsSerialized);
            Assert.Single((await client.PublishAsync(envelope)).OriginatorEnvelopes);
            sent.Add(envelope.ToByteString());
        }

        return sent;
    }

    // Another signature each time, so that no envelope is a repetition.
    private static ByteString Unique(ByteString keyPackage)
    {
        var bytes = keyPackage.ToByteArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - sizeof(int)), Interlocked.Increment(ref sizes));
        return ByteString.CopyFrom(bytes);
    }

    private async Task AssertOnceAsync(List<ByteString> sent, string mood)
    {
        await Eventually.IsAsync(() => box.Network.Nodes.All(node => node.Staged == 0), $"with {mood}: all that was staged is inserted");
        var stored = box.Network.Nodes.SelectMany(node => node.Store.OfOriginator(node.Id)).Select(Client).GroupBy(bytes => bytes).ToDictionary(group => group.Key, group => group.Count());
        var lost = sent.Count(bytes => !stored.ContainsKey(bytes));
        var twice = sent.Count(bytes => stored.GetValueOrDefault(bytes) > 1);
        Assert.True(lost == 0 && twice == 0, $"with {mood}: {lost} lost, {twice} paid twice of {sent.Count}");
    }

    private static ByteString Client(StoredEnvelope stored) =>
        OriginatorEnvelopeView.TryRead(stored.Bytes, out var view) ? ByteString.CopyFrom(view.ClientEnvelope.Span) : throw new InvalidOperationException("not an envelope");
}
