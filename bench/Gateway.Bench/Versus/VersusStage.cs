using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>A chain, two nodes of which the second serves over TLS, and both gateways.</summary>
internal sealed class VersusStage : IAsyncDisposable
{
    private const int SecondNodeAccount = 3;
    private static readonly Microdollars Deposit = new(1_000_000_000);
    private readonly StartedParts _parts = new();
    private readonly LoopbackCertificate _certificate = LoopbackCertificate.Make();

    private VersusStage()
    {
    }

    /// <summary>This gateway; its program is not started.</summary>
    public VersusGateway This { get; private set; } = null!;

    /// <summary>The other one; its program is not started.</summary>
    public VersusGateway Other { get; private set; } = null!;

    /// <summary>The node that serves in plaintext.</summary>
    public string NodeUrl { get; private set; } = "";

    /// <summary>The node that serves over TLS.</summary>
    public string SecondNodeUrl { get; private set; } = "";

    /// <summary>Starts all but the programs of the gateways; nothing is left when a part fails.</summary>
    public static Task<VersusStage> StartAsync(VersusPlan plan, Mining mining, CancellationToken cancellationToken) =>
        StartedParts.StartAllAsync(new VersusStage(), stage => stage.StartAllAsync(plan, mining, cancellationToken));

    /// <summary>Starts the program of both gateways, in their order.</summary>
    public async Task StartGatewaysAsync(CancellationToken cancellationToken)
    {
        await This.StartAsync(cancellationToken);
        await Other.StartAsync(cancellationToken);
    }

    /// <summary>Starts a bare proxy in front of a node.</summary>
    public async Task<ServerUnderTest> StartProxyAsync(string node, CancellationToken cancellationToken)
    {
        var start = DotnetProgram.LikeGateway("proxy", node);
        start.Environment["SSL_CERT_FILE"] = _certificate.AuthorityFile;
        var (process, url) = await _parts.StartServerAsync("the proxy", start, cancellationToken);
        return new ServerUnderTest(process, url, IsGateway: false, 0);
    }

    /// <summary>Starts the process that calls.</summary>
    public Task<ChildProcess> StartGeneratorAsync(CancellationToken cancellationToken) => _parts.StartGeneratorAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task StartAllAsync(VersusPlan plan, Mining mining, CancellationToken cancellationToken)
    {
        var secondKey = DevAccounts.PrivateKeys[SecondNodeAccount];
        NodeUrl = await StartNodeAsync($"{PublishRequest.NodeId}", Stage.NodeKey);
        SecondNodeUrl = await StartNodeAsync(
            $"{PublishRequest.SecondNodeId}", secondKey,
            "--certificate", _certificate.ChainFile, "--certificate-key", _certificate.KeyFile);
        var anvil = _parts.Add(await BenchChain.StartAsync(
            PublishRequest.NodeId,
            new Uri(NodeUrl),
            Stage.Signer(Stage.NodeKey),
            new AnvilOptions { BlockTime = mining.BlockTime },
            cancellationToken));
        var chain = new DevChain(anvil.Rpc);
        await chain.RegisterNodeAsync(
            PublishRequest.SecondNodeId, Stage.Signer(secondKey).PublicKey, new Uri(SecondNodeUrl), cancellationToken);
        await chain.AddRatesAsync(OriginatorWriter.Rates, cancellationToken);
        foreach (var key in new[] { plan.This.PayerKey, plan.Other.PayerKey })
            await chain.DepositAsync(Stage.Signer(key).Address, Deposit, cancellationToken);
        This = _parts.Add(await VersusGateway.PrepareAsync(plan.This, anvil, _certificate.AuthorityFile, cancellationToken));
        Other = _parts.Add(await VersusGateway.PrepareAsync(plan.Other, anvil, _certificate.AuthorityFile, cancellationToken));

        async Task<string> StartNodeAsync(params string[] arguments) =>
            (await _parts.StartServerAsync("the node", DotnetProgram.Bench(["node", .. arguments]), cancellationToken)).Url;
    }
}
