using System.Text.RegularExpressions;
using Grpc.Core;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Integration;

/// <summary>Nodes as they are on the real networks: behind an edge that ends TLS and recycles connections.</summary>
public sealed partial class TlsNodeTests
{
    private const int Callers = 64, Each = 15;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Behind_nginx_with_TLS_that_recycles_connections_no_publish_fails_and_none_is_paid_twice()
    {
        using var certificate = LoopbackCertificate.Make();
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { Nodes = 1 }, Token);
        var node = network.Nodes[0];
        await using var edge = await NginxEdge.StartAsync(node.Address, certificate);
        await network.Chain.SetHttpAddressAsync(node.Id, edge.Address.AbsoluteUri, Token);

        // Whom a process trusts is decided when it starts.
        await using var gateway = GatewayProcess.Start(Flags(network), new() { ["SSL_CERT_FILE"] = certificate.AuthorityFile });
        var address = new Uri("http://" + Listening().Match(await gateway.ReadUntilAsync("started api server:")).Groups[1].Value);
        using var client = new GatewayClient(address, Speaks.Grpc);
        await Eventually.IsAsync(() => KnowsNodesAsync(client), "the gateway knows the node");

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => PublishAsync(client, caller)));
        Assert.Equal(Callers * Each, answers.SelectMany(one => one).Distinct().Count());
        Assert.Equal(Callers * Each, node.Store.OfOriginator(node.Id).Count);
    }

    private static async Task<List<ulong>> PublishAsync(GatewayClient client, int caller)
    {
        var numbers = new List<ulong>();
        for (var i = 0; i < Each; i++)
        {
            var answer = await client.PublishAsync(Envelopes.Welcome((byte)i, 1_000 + caller));
            numbers.Add(
                UnsignedOriginatorEnvelope.Parser.ParseFrom(
                    answer.OriginatorEnvelopes.Single().UnsignedOriginatorEnvelope).OriginatorSequenceId);
        }

        return numbers;
    }

    private static async Task<bool> KnowsNodesAsync(GatewayClient client)
    {
        try
        {
            return (await client.GetNodesAsync()).Nodes.Count > 0;
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private static string[] Flags(DevNetwork network) =>
    [
        "--api.port=0", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--api.shutdown-delay=0", "--contracts.environment=anvil",
        "--payer.private-key", DevAccounts.PrivateKeys[3], "--payer.envelope-publish-retries=1",
        $"--contracts.app-chain.rpc-url={network.ChainUrl}", $"--contracts.settlement-chain.rpc-url={network.ChainUrl}",
    ];

    [GeneratedRegex(@"on (127\.0\.0\.1:\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Listening();
}
