using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.DevNet.Control;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.DevNet.Page;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.DevNet;

/// <summary>
/// A complete local XMTP network: a chain, its contracts, nodes that check signatures, and a gateway in front.
/// Everything is on 127.0.0.1, unless <see cref="DevNetOptions.Host"/> moves the chain and the nodes.
/// </summary>
/// <remarks>
/// The chain is a separate process; everything else is in this one. The caller must dispose the network to end that
/// process.
/// </remarks>
public sealed class DevNetwork : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _running = new();
    private readonly List<DevNode> _nodes = [];
    private RunningGateway? _gateway;

    private DevNetwork(Uri chainUrl, EthereumRpc rpc)
    {
        ChainUrl = chainUrl;
        Chain = new DevChain(rpc);
        ChainWebSocketUrl = new UriBuilder(chainUrl) { Scheme = chainUrl.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri;
    }

    /// <summary>Whether there is a gateway: false when only one part of a network was started.</summary>
    public bool HasGateway => _gateway is not null;

    /// <summary>The address for clients to publish to, with all protocols.</summary>
    public Uri Gateway => Started.Address;

    /// <summary>The HTTP/1.1 protocols on a port of their own; null when that port is disabled.</summary>
    public Uri? Web => Started.Web;

    /// <summary>Prometheus; null when the gateway's flags disable it.</summary>
    public Uri? Metrics => Started.Metrics;

    /// <summary>The browser demo; null when its port is disabled.</summary>
    public Uri? Page { get; private set; }

    /// <summary>The control of the nodes; null when its port is disabled.</summary>
    public Uri? Control { get; private set; }

    /// <summary>The chain's JSON-RPC over HTTP: App Chain and settlement chain in one.</summary>
    public Uri ChainUrl { get; }

    /// <summary>The chain's JSON-RPC over WebSocket.</summary>
    public Uri ChainWebSocketUrl { get; }

    /// <summary>Developer operations on the chain.</summary>
    public DevChain Chain { get; }

    /// <summary>The nodes, by ascending id: 100, 200, …</summary>
    public IReadOnlyList<DevNode> Nodes => _nodes;

    /// <summary>The gateway's payer: the key in its flags, or else the second of Anvil's own accounts.</summary>
    public PrivateKeySigner Payer { get; private set; } = DevAccounts.Signer(PayerAccount);

    /// <summary>The setup steps that a given chain refused, one per line.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    /// <summary>The services of the gateway, for tests.</summary>
    public IServiceProvider GatewayServices => Started.Services;

    private const int PayerAccount = 1;

    private RunningGateway Started => _gateway ?? throw new InvalidOperationException("the network has not started");

    /// <summary>
    /// Starts a network; all of it serves requests when the task completes. On failure nothing is left running.
    /// </summary>
    /// <exception cref="DevNetException">A port is taken, or the given chain has no contracts; the message says what to
    /// do.</exception>
    /// <exception cref="AnvilException">Anvil could not be found, installed or started.</exception>
    /// <exception cref="GatewayStartException">The gateway's flags are invalid.</exception>
    public static async Task<DevNetwork> StartAsync(DevNetOptions options, CancellationToken cancellationToken = default)
    {
        LoopbackDirect.Install();
        PortCheck.EnsureFree(options);
        var network = await OpenChainAsync(options, cancellationToken);
        if (GatewayPayer.TryFind(options.GatewayArguments, out var payer)) network.Payer = payer;
        try
        {
            await network.StartNodesAsync(options, cancellationToken);
            if (options.Ports.Control >= 0) await network.StartControlAsync(options.Ports.Control, cancellationToken);
            if (options.Only is not null) return network;
            network._gateway = await RunningGateway.StartAsync(
                options,
                network.ChainUrl,
                network.ChainWebSocketUrl,
                GatewayPayer.IsInFile(options.GatewayArguments) ? null : DevAccounts.PrivateKeys[PayerAccount],
                cancellationToken);
            network._running.Push(network._gateway);
            if (options.Ports.Page >= 0) await network.StartPageAsync(options, cancellationToken);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops the gateway, then the nodes, then the chain. May be called more than once.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_running.TryPop(out var part)) await part.DisposeAsync();
    }

    private static async Task<DevNetwork> OpenChainAsync(DevNetOptions options, CancellationToken cancellationToken)
    {
        if (options.Chain is not null)
        {
            var transport = new HttpRpcTransport(options.Chain);
            var given = new DevNetwork(options.Chain, new EthereumRpc(transport));
            given._running.Push(new Disposal(transport));
            return given;
        }

        options.Progress?.Invoke("starting anvil");
        var anvil = await Anvil.StartAsync(
            new AnvilOptions
            {
                Host = options.Host,
                Port = options.Ports.Chain,
                BlockTime = options.BlockTime,
                MixedMining = options.MixedMining,
                MoreArguments = DataFolder.ChainArguments(options),
                Progress = options.Progress ?? (_ => { }),
            },
            cancellationToken);
        var ours = new DevNetwork(anvil.HttpUrl, anvil.Rpc);
        ours._running.Push(anvil);
        return ours;
    }

    private async Task StartNodesAsync(DevNetOptions options, CancellationToken cancellationToken)
    {
        if (options.Chain is null) await StandInContracts.DeployAsync(Chain.Rpc, cancellationToken, replaceOther: true);
        else await EnsureContractsAsync(cancellationToken);

        var logs = LoggerFactory.Create(logging => (options.ConfigureLogging ?? Quiet)(logging));
        _running.Push(new Disposal(logs));
        var times = DataFolder.ChainTimes(options);
        _running.Push(new Disposal(times));
        var setup = new ChainSetup(Chain, options.Chain is null);
        var facts = await setup.PrepareMoneyAsync(Payer.Address, TimeProvider.System, cancellationToken);
        for (var i = 0; i < options.NodesToStart; i++)
        {
            options.Progress?.Invoke($"starting node {PortCheck.NodeId(i)}");
            var node = await DevNode.StartAsync(NodeOptions(options, i, facts, times, logs), cancellationToken);
            foreach (var other in _nodes)
            {
                node.Follow(other.AsPeer());
                other.Follow(node.AsPeer());
            }

            _nodes.Add(node);
            _running.Push(node);
            await setup.RegisterAsync(node, cancellationToken);
        }

        await setup.NoteFreeIdAsync(options.NodesToStart, cancellationToken);
        Notes = setup.Notes;
    }

    private DevNodeOptions NodeOptions(DevNetOptions options, int index, ChainFacts? facts, ChainTimes times, ILoggerFactory logs) => new()
    {
        NodeId = PortCheck.NodeId(index),
        Host = options.Host,
        Port = options.Ports.Node(index),
        Logs = logs,
        AppChain = ChainWebSocketUrl,
        Store = DataFolder.NodeStore(options, PortCheck.NodeId(index)),
        Rates = facts is null ? _ => ValueTask.FromResult(NodeRates.Free) : facts.GetRatesAsync,
        Ledger = options.EnforceBalance ? facts : null,
        ChainTimes = times,
        RequireNodeAuth = options.RequireNodeAuth,
    };

    private async Task StartControlAsync(int port, CancellationToken cancellationToken)
    {
        var control = await ControlHost.StartAsync(port, _nodes, cancellationToken);
        _running.Push(control);
        Control = control.Address;
    }

    private async Task StartPageAsync(DevNetOptions options, CancellationToken cancellationToken)
    {
        var page = await PageHost.StartAsync(
            options.Ports.Page,
            Gateway,
            _nodes[0].Store,
            Chain.Rpc,
            PayerScopes.Of(GatewayServices)[0].Services.GetRequiredService<EnvelopeCosts>().PriceOf,
            options.Progress ?? (_ => { }),
            cancellationToken);
        _running.Push(page);
        Page = page.Address;
    }

    private async Task EnsureContractsAsync(CancellationToken cancellationToken)
    {
        var where = RedactedUrl.Of(ChainUrl);
        var code = await Chain.Rpc.GetCodeAsync(ChainAddresses.NodeRegistry, cancellationToken);
        if (!code.TryGet(out var there, out var error)) throw new DevNetException($"--chain: {where} does not answer: {error.Message}");
        if (there.IsEmpty)
        {
            throw new DevNetException(
                $"--chain: {where} has no NodeRegistry at {ChainAddresses.NodeRegistry}; leave --chain out to start a chain with the " +
                $"contracts");
        }
    }

    private static void Quiet(ILoggingBuilder logging) =>
        logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

    /// <summary>Wraps a synchronous disposable for the stack of running parts.</summary>
    private sealed class Disposal(IDisposable what) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            what.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
