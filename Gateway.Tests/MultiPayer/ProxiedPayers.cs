using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A network whose gateway has payers "p1", "p2" and so on, and reaches the App Chain through a provider that counts.</summary>
internal sealed class ProxiedPayers : IAsyncDisposable
{
    private readonly Anvil _anvil;
    private readonly RpcProxy _proxy;
    private readonly ConcurrentDictionary<string, int> _sent = new();
    private DevNetwork? _network;

    private ProxiedPayers(Anvil anvil, RpcProxy proxy)
    {
        _anvil = anvil;
        _proxy = proxy;
        _proxy.SocketFault = (method, _) =>
        {
            _sent.AddOrUpdate(method, 1, (_, count) => count + 1);
            return RefusesSubscriptions && method == "eth_subscribe" ? RpcFaultModes.Error(-32000, "no subscriptions now") : null;
        };
    }

    public PayersFileOnDisk File { get; } = new(isMounted: true);

    public CapturedLogs Logs { get; } = new();

    /// <summary>Whether the provider refuses subscriptions.</summary>
    public bool RefusesSubscriptions { get; set; }

    public DevChain Chain => new(_anvil.Rpc);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DevNetwork Network => _network ?? throw new InvalidOperationException("the network has not started");

    public static async Task<ProxiedPayers> StartAsync(int payers)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TestLimit.Max);
        var anvil = await Anvil.StartAsync(new AnvilOptions(), timeout.Token);
        await StandInContracts.DeployAsync(anvil.Rpc, timeout.Token);
        var stage = new ProxiedPayers(anvil, await RpcProxy.StartAsync(anvil.HttpUrl));
        for (var payer = 1; payer <= payers; payer++) await stage.AddAsync(payer);
        stage._network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                Chain = anvil.HttpUrl,
                GatewayArguments =
                [
                    .. stage.File.Flags,
                    $"--contracts.app-chain.rpc-url={stage._proxy.Url}",
                    $"--contracts.app-chain.wss-url={stage._proxy.WebSocketUrl}",
                    "--log.log-level=info",
                ],
                ConfigureLogging = logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(stage.Logs),
            },
            timeout.Token);
        return stage;
    }

    /// <summary>Writes a payer into the file, and gives it gas.</summary>
    public async Task AddAsync(int payer)
    {
        File.With(NameOf(payer), SeedOf(payer), ChangingPayersFixture.ByKey(NameOf(payer)));
        await Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(SeedOf(payer)).Address, Wei.FromEther(100), Cancel);
    }

    /// <summary>How many requests came over WebSockets.</summary>
    public int Sent(string method) => _sent.GetValueOrDefault(method);

    /// <summary>How many requests came over HTTP.</summary>
    public int Asked(string method) => _proxy.Asked.GetValueOrDefault(method);

    public Task CutSocketsAsync() => _proxy.CutSocketsAsync();

    /// <summary>Publishes a commit of a caller of a payer.</summary>
    public async Task<Answer> CommitAsync(int payer, byte seed)
    {
        using var client = new ProtocolClient(Network.Gateway, Form.Grpc);
        return await client.PublishAsync(Envelopes.Request(Envelopes.Commit(seed)), ChangingPayersFixture.KeyOf(NameOf(payer)));
    }

    /// <summary>Waits until a commit of each payer is published.</summary>
    public async Task AllCommitAsync(byte seed, params int[] payers)
    {
        foreach (var payer in payers)
        {
            var answer = await CommitAsync(payer, (byte)(seed + payer));
            Assert.Equal((StatusCode.OK, ""), (answer.Code, answer.Message));
        }
    }

    /// <summary>Waits until heads and events are delivered for all of these payers, or for none.</summary>
    public Task AreSubscribedAsync(bool areSubscribed, params int[] payers) => Eventually.IsAsync(
        () => payers.All(payer => IsSubscribed(payer) == areSubscribed), $"subscribed: {areSubscribed}, for {string.Join(", ", payers)}");

    /// <summary>Whether heads and events are delivered for a payer that has started.</summary>
    public bool IsSubscribed(int payer) => PayerScopes.Of(Network.GatewayServices).Single(one => one.Name == NameOf(payer))
        .Services.GetRequiredService<NonceTracker>().IsSubscribed;

    /// <summary>Takes a payer out of the file, and waits until it is gone.</summary>
    public async Task RemoveAsync(int payer)
    {
        File.Without(NameOf(payer));
        await Eventually.IsAsync(
            () => Logs.Lines.Any(line => line.Contains($"the payer {NameOf(payer)}, ", StringComparison.Ordinal)
                && line.Contains("has finished and is gone", StringComparison.Ordinal)),
            $"{NameOf(payer)} is gone");
    }

    public async ValueTask DisposeAsync()
    {
        if (_network is not null) await _network.DisposeAsync();
        await _proxy.DisposeAsync();
        await _anvil.DisposeAsync();
        File.Dispose();
        Logs.Dispose();
    }

    private static string NameOf(int payer) => $"p{payer}";

    private static byte SeedOf(int payer) => (byte)(150 + payer);
}
