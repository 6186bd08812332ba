using System.Diagnostics.Metrics;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Integration;

/// <summary>
/// Sixteen callers publish through the real gateway while one of two real nodes is sick: nothing fails, nothing is
/// lost, and nothing is paid twice that could be known.
/// </summary>
public sealed class FaultyNodePublishTests : IAsyncLifetime
{
    private const int Rounds = 4;
    private static int _numbered;

    // Each test has a network of its own: a node that was sick a test ago would be held back in the next one.
    private readonly Box _box = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DevNode Sick => _box.Network.Nodes[0];

    private static Dictionary<string, NodeFaults> Named { get; } = new()
    {
        ["sound"] = NodeFaults.None,
        ["worker slow"] = new NodeFaults { WorkerDelay = TimeSpan.FromMilliseconds(500) },
        ["worker stuck"] = new NodeFaults { WorkerStuck = true },
        ["storage away"] = new NodeFaults { StorageUnavailable = true },
        ["validation away"] = new NodeFaults { ValidationUnavailable = true },
        ["rates stale"] = new NodeFaults { RatesStale = true },
        ["indexer stuck"] = new NodeFaults { IndexerStuck = true },
        ["database read-only"] = new NodeFaults { DatabaseReadOnly = true },
        ["another node's address"] = new NodeFaults { OtherNode = true },
        ["unavailable before it staged"] = new NodeFaults { BeforeStaging = PublishFault.Answer(StatusCode.Unavailable) },
        ["internal after it staged"] = new NodeFaults { AfterStaging = PublishFault.Answer(StatusCode.Internal) },
        ["unavailable after it staged"] = new NodeFaults { AfterStaging = PublishFault.Answer(StatusCode.Unavailable) },
        ["reset after it staged"] = new NodeFaults { AfterStaging = PublishFault.Reset() with { Every = 7 } },
        ["hangs after it staged"] = new NodeFaults { AfterStaging = PublishFault.Hang() with { Every = 7 } },
        ["an edge's 403"] = new NodeFaults { BeforeStaging = PublishFault.Page(403) },
        ["an edge's 502"] = new NodeFaults { BeforeStaging = PublishFault.Page(502) },
    };

    public static TheoryData<string> Moods => [.. Named.Keys];

    public ValueTask InitializeAsync() => _box.InitializeAsync();

    public ValueTask DisposeAsync() => _box.DisposeAsync();

    [Theory, MemberData(nameof(Moods))]
    public async Task Publishes_of_sixteen_callers_are_served_and_paid_once_while_one_node_is(string mood)
    {
        using var measured = new Measured(_box.Network.GatewayServices.GetRequiredService<IMeterFactory>(), "Xmtp.Gateway.Publishing");
        Sick.Faults = Named[mood];
        await PublishAsync();
        await AreStoredOnceAsync(measured);
    }

    [Fact]
    public async Task A_node_that_is_killed_and_restarted_under_publishes_loses_nothing_and_is_paid_once_for_what_it_had_staged()
    {
        using var measured = new Measured(_box.Network.GatewayServices.GetRequiredService<IMeterFactory>(), "Xmtp.Gateway.Publishing");
        Sick.Faults = new NodeFaults { WorkerDelay = TimeSpan.FromMilliseconds(300) };
        var publishes = PublishAsync();
        await Eventually.IsAsync(() => Sick.Staged > 0, "something is staged");
        await Sick.KillAsync();
        await Sick.RestartAsync();
        await publishes;
        await AreStoredOnceAsync(measured);
    }

    private async Task PublishAsync()
    {
        using var channel = GrpcChannel.ForAddress(_box.Network.Gateway);
        var payer = new PayerApi.PayerApiClient(channel);
        await Task.WhenAll(Enumerable.Range(0, Callers.Count).Select(async _ =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                Assert.Single(
                    (await payer.PublishClientEnvelopesAsync(Envelopes.Request(Message()), cancellationToken: Cancel)).OriginatorEnvelopes);
            }
        }));
    }

    private async Task AreStoredOnceAsync(Measured measured)
    {
        Sick.Faults = NodeFaults.None;
        await Eventually.IsAsync(() => _box.Network.Nodes.All(node => node.Staged == 0), "what is staged is inserted");
        var twice = _box.Stored - (Callers.Count * Rounds);
        var told = string.Join(
            ", ",
            new[] { "published", "not published", "unknown" }.Select(
                found => $"{measured.Sum("xmtp_gateway_node_lookups_total", ("found", found))} {found}"));
        Assert.True(twice >= 0 && twice <= measured.Sum("xmtp_gateway_maybe_paid_twice_total"), $"{twice} are paid twice; lookups: {told}");
    }

    // Key packages and welcomes, for both nodes.
    private static ClientEnvelope Message()
    {
        var number = Interlocked.Increment(ref _numbered);
        if (number % 8 == 0 && number / 8 < 200) return Envelopes.KeyPackage((byte)(number / 8));
        var message = Envelopes.Welcome((byte)number);
        message.WelcomeMessage.V1.Data = ByteString.CopyFrom(BitConverter.GetBytes(number));
        return message;
    }

    private sealed class Box : DevNetFixture
    {
        protected override DevNetOptions Options => new()
        {
            ConfigureGateway = gateway => gateway.Services.Configure<BroadcastNetworkOptions>(
                payer => payer.EnvelopePublishTimeout = TimeSpan.FromSeconds(5)),
        };
    }
}
