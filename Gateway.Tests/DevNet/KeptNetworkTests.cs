using Grpc.Core;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class KeptNetworkTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"devnet-{Guid.NewGuid():N}");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_network_with_a_folder_continues_where_it_stopped()
    {
        List<byte[]> welcomes, commits;
        await using (var network = await DevNetwork.StartAsync(new DevNetOptions { DataDirectory = _folder }, Cancel))
        {
            using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
            await client.PublishAsync([
                .. Enumerable.Range(1, 6).Select(seed => Envelopes.Welcome((byte)seed)),
                Envelopes.Commit(9),
                Envelopes.Identity(9),
            ]);
            await Eventually.IsAsync(() => network.Nodes.All(node => node.Store.Count == 8), "every node has everything");
            (welcomes, commits) = (Kept(network.Nodes[0], 100, 200), Kept(network.Nodes[0], 0, 1));
        }

        await using var again = await DevNetwork.StartAsync(new DevNetOptions { DataDirectory = _folder }, Cancel);
        await Eventually.IsAsync(() => again.Nodes.All(node => node.Store.Count == 8), "every node has everything again");
        Assert.All(again.Nodes, node => Assert.Equal(welcomes, Kept(node, 100, 200)));
        Assert.All(again.Nodes, node => Assert.Equal(commits, Kept(node, 0, 1)));
        using var later = new GatewayClient(again.Gateway, Speaks.Grpc);
        var next = (await later.PublishAsync(Envelopes.Commit(9, 150), Envelopes.Welcome(1))).OriginatorEnvelopes
            .Select(envelope => UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope))
            .ToList();
        Assert.Equal(2ul, next[0].OriginatorSequenceId);
        Assert.True(next[1].OriginatorSequenceId > 1);
    }

    [Fact]
    public async Task An_entry_that_a_killed_process_left_half_written_is_cut_off()
    {
        var path = Path.Combine(Directory.CreateDirectory(_folder).FullName, "node");
        using (var store = new EnvelopeStore(path)) await FillAsync(store);
        await using (var file = new FileStream(path, FileMode.Append)) await file.WriteAsync(new byte[] { 200, 0, 0, 0, 1, 2, 3 }, Cancel);
        using (var store = new EnvelopeStore(path))
        {
            Assert.Equal(2, store.Count);
            await FillAsync(store);
        }

        using var last = new EnvelopeStore(path);
        Assert.Equal([1ul, 2, 3, 4], last.OfOriginator(300).Select(envelope => envelope.SequenceId));
    }

    [Fact]
    public async Task A_folder_that_another_network_uses_is_an_error_with_the_flag_in_it()
    {
        using var other = new EnvelopeStore(Path.Combine(Directory.CreateDirectory(_folder).FullName, "node-100.envelopes"));
        var error = await Assert.ThrowsAsync<DevNetException>(
            () => DevNetwork.StartAsync(new DevNetOptions { DataDirectory = _folder }, Cancel));
        Assert.StartsWith("--data: ", error.Message);
    }

    [Fact]
    public async Task Balances_are_enforced_when_enabled_with_the_status_of_real_nodes()
    {
        Directory.CreateDirectory(_folder);
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { Nodes = 1, EnforceBalance = true }, Cancel);
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Welcome());
        await network.Chain.SettleUsageAsync(
            default, [(network.Payer.Address, new Xmtp.Gateway.Chain.Microdollars(2_000_000_000))], Cancel);
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            // What a node has read of the chain counts for a second. Each is another envelope: a repetition costs nothing.
            for (var size = 101; ; size++) await client.PublishAsync(Envelopes.Welcome(1, size));
        });
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        await network.Chain.DepositAsync(network.Payer.Address, new Xmtp.Gateway.Chain.Microdollars(4_000_000_000), Cancel);
        await client.PublishAsync(Envelopes.Welcome(2));
    }

    private static async Task FillAsync(EnvelopeStore store)
    {
        await using var node = await DevNode.StartAsync(new DevNodeOptions { NodeId = 300, Store = store }, Cancel);
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(node.Address);
        await new PublishApi.PublishApiClient(channel).PublishPayerEnvelopesAsync(
            Payers.Request(Payers.Sign(Envelopes.Welcome(1), 300), Payers.Sign(Envelopes.Welcome(2), 300)), cancellationToken: Cancel);
    }

    private static List<byte[]> Kept(DevNode node, params uint[] originators) =>
        [.. originators.SelectMany(originator => node.Store.OfOriginator(originator)).Select(stored => stored.Bytes.ToArray())];
}
