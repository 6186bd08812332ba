using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>The processes of one run: chain, node, proxy, gateways and the load generator, all on loopback.</summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>The payer's key: a public test key of Anvil.</summary>
    public const string PayerKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

    /// <summary>The node's key: another public test key of Anvil.</summary>
    public const string NodeKey = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
    private readonly StartedParts _parts = new();

    private Stage()
    {
    }

    /// <summary>The payer's signer.</summary>
    public static PrivateKeySigner Payer { get; } = Signer(PayerKey);

    public ChildProcess Generator { get; private set; } = null!;

    /// <summary>The JSON-RPC endpoint of both chains.</summary>
    public Uri Chain { get; private set; } = null!;

    public ServerUnderTest Proxy { get; private set; } = null!;

    public ServerUnderTest Gateway { get; private set; } = null!;

    /// <summary>Starts all of them; none is left when one fails.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="node">More arguments of the node.</param>
    public static Task<Stage> StartAsync(CancellationToken cancellationToken, params string[] node) =>
        StartedParts.StartAllAsync(new Stage(), stage => stage.StartAllAsync(node, cancellationToken));

    /// <summary>Starts one more gateway.</summary>
    /// <param name="verify">Which of the node's answers it checks: always or sampled.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<ServerUnderTest> StartGatewayAsync(string verify, CancellationToken cancellationToken) =>
        StartGatewayAsync(verify, [], null, cancellationToken);

    /// <summary>Starts one more gateway, with more flags.</summary>
    /// <param name="verify">Which of the node's answers it checks: always or sampled.</param>
    /// <param name="more">The flags.</param>
    /// <param name="token">The bearer token that it wants; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="variables">More environment variables.</param>
    /// <param name="path">Its assembly; null for the one that was built with this program.</param>
    public async Task<ServerUnderTest> StartGatewayAsync(
        string verify,
        string[] more,
        string? token,
        CancellationToken cancellationToken,
        Dictionary<string, string>? variables = null,
        string? path = null)
    {
        var gateway = await GatewayStart.RunAsync(Chain, verify, more, cancellationToken, token, variables, path);
        _parts.Add(gateway.Process);
        return gateway;
    }

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    private async Task StartAllAsync(string[] nodeArguments, CancellationToken cancellationToken)
    {
        Generator = await _parts.StartGeneratorAsync(cancellationToken);
        var (anvil, node) = await BenchChain.StartWithNodeAsync(_parts, new AnvilOptions(), cancellationToken, nodeArguments);
        await new DevChain(anvil.Rpc).AddRatesAsync(OriginatorWriter.Rates, cancellationToken);
        Chain = anvil.HttpUrl;

        var port = FreePort.Next();
        var (proxy, url) = await _parts.StartServerAsync(
            "the proxy", DotnetProgram.LikeGateway("proxy", node).WithAllocationPort(port), cancellationToken);
        Proxy = new ServerUnderTest(proxy, url, IsGateway: false, port);
        Gateway = await StartGatewayAsync("sampled", cancellationToken);
    }

    /// <summary>The signer of a key.</summary>
    public static PrivateKeySigner Signer(string key) =>
        PrivateKeySigner.TryParse(key, out var signer) ? signer : throw new ArgumentException("no key of the curve", nameof(key));
}
