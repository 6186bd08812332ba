using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// What faults are injected into: gateways of one payer or several, two watchers, their Redis, nodes, and a chain behind an RPC proxy.
/// </summary>
internal sealed class ChaosStage : IAsyncDisposable
{
    /// <summary>The number of watchers; one of them leads.</summary>
    public const int WatcherCount = 2;

    /// <summary>The number of nodes.</summary>
    public const int NodeCount = 4;

    // The payer has the second of Anvil's accounts.
    private const int FirstNodeAccount = 2;
    private const uint NodeIdStep = 100;

    /// <summary>How often the chain mines.</summary>
    public static readonly TimeSpan BlockTime = TimeSpan.FromSeconds(1);
    private readonly StartedParts _parts = new();
    private readonly HttpClient _client = new();
    private readonly List<ChaosProcess> _gateways = [];
    private readonly List<ChaosProcess> _watchers = [];
    private readonly List<ChaosProcess> _plainNodes = [];
    private readonly List<string> _programs = [];
    private string _other = DotnetProgram.GatewayPath;
    private DevNetwork _chain = null!;

    /// <summary>The gateways.</summary>
    public IReadOnlyList<ChaosProcess> Gateways => _gateways;

    /// <summary>Where they listen, in the same order.</summary>
    public IReadOnlyList<Uri> Urls { get; private set; } = [];

    /// <summary>Where they tell what is on their managed heaps, in the same order; empty where they do not.</summary>
    public IReadOnlyList<int> MemoryPorts { get; private set; } = [];

    /// <summary>The watchers.</summary>
    public IReadOnlyList<ChaosProcess> Watchers => _watchers;

    /// <summary>Where their figures are, in the same order.</summary>
    public IReadOnlyList<Uri> WatcherUrls { get; private set; } = [];

    /// <summary>Who publishes.</summary>
    public ChaosIdentities Identities { get; private set; } = null!;

    /// <summary>Who pays.</summary>
    public ChaosPayers Payers { get; private set; } = null!;

    /// <summary>The Redis of gateways and watchers.</summary>
    public ChaosStore Store { get; private set; } = null!;

    /// <summary>The nodes; empty where they are processes.</summary>
    public IReadOnlyList<DevNode> Nodes { get; private set; } = [];

    /// <summary>The nodes that are processes; empty where they are those of the local network.</summary>
    public IReadOnlyList<ChaosProcess> PlainNodes => _plainNodes;

    /// <summary>The RPC endpoint of gateways and watchers.</summary>
    public ChaosRpc Rpc { get; private set; } = null!;

    /// <summary>The chain itself.</summary>
    public DevChain Chain => _chain.Chain;

    /// <summary>When a gateway, a node or a connection between them ended.</summary>
    public ConcurrentQueue<ChaosSpan> Interruptions { get; } = new();

    /// <summary>When blocks were removed from the chain.</summary>
    public ConcurrentQueue<ChaosSpan> Reorganizations { get; } = new();

    /// <summary>Which gateway was stopped when, and continued.</summary>
    public ConcurrentQueue<(int Gateway, ChaosSpan Span)> Stops { get; } = new();

    /// <summary>How late this process gets its turn, once all have started.</summary>
    public ChaosPulse Pulse { get; private set; } = null!;

    /// <summary>When the chain had which height.</summary>
    public ChaosBlocks Blocks { get; private set; } = null!;

    /// <summary>When the schedule of faults began, as a timestamp of the clock.</summary>
    public long FaultsBeganAt { get; set; }

    /// <summary>Starts all of it; none is left when one part fails.</summary>
    public static Task<ChaosStage> StartAsync(ChaosPlan plan, CancellationToken cancellationToken) =>
        StartedParts.StartAllAsync(new ChaosStage(), stage => stage.StartAllAsync(plan, cancellationToken));

    /// <summary>Stops a gateway as a rolling upgrade does, and starts the other build in its place.</summary>
    public async Task UpgradeAsync(int gateway, TimeSpan pause, CancellationToken cancellationToken)
    {
        await _gateways[gateway].TerminateAsync(cancellationToken);
        await ChaosFault.WaitAsync(pause, cancellationToken);
        _programs[gateway] = _programs[gateway] == _other ? DotnetProgram.GatewayPath : _other;
        await _gateways[gateway].StartAsync(cancellationToken);
    }

    /// <summary>Makes a call of the chain's own that has no method here.</summary>
    public async Task TellChainAsync(string method, JsonArray parameters, CancellationToken cancellationToken)
    {
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = parameters };
        using var content = new StringContent(request.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var answer = await _client.PostAsync(_chain.ChainUrl, content, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Lets the chain mine at this interval, in whole seconds; zero for not at all.</summary>
    public Task MineEveryAsync(TimeSpan interval, CancellationToken cancellationToken) =>
        TellChainAsync("evm_setIntervalMining", [(int)interval.TotalSeconds], cancellationToken);

    /// <summary>
    /// Ends what a reorganization of the chain may have put back after its fault had ended: a paused broadcaster, a node that
    /// left, a sender without gas.
    /// </summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        var broadcaster = new GroupMessageBroadcasterContract(Chain.Rpc, ChainAddresses.GroupMessageBroadcaster);
        if ((await broadcaster.GetPausedAsync(cancellationToken)).OrThrow())
            await Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, false, cancellationToken);
        var registered = (await new NodeRegistryContract(Chain.Rpc, ChainAddresses.NodeRegistry).GetAllNodesAsync(cancellationToken))
            .OrThrow();
        foreach (var node in registered.Where(node => !node.IsCanonical)) await Chain.AddToNetworkAsync(node.NodeId, cancellationToken);
        await Payers.FundGasAsync(Chain, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync();
        _client.Dispose();
    }

    private async Task StartAllAsync(ChaosPlan plan, CancellationToken cancellationToken)
    {
        _chain = _parts.Add(await DevNetwork.StartAsync(
            new DevNetOptions { Only = DevNetPart.Chain, BlockTime = BlockTime }, cancellationToken));
        if (plan.PlainNodes > 0) await StartPlainNodesAsync(plan.PlainNodes, cancellationToken);
        else await StartNodesAsync(cancellationToken);
        Rpc = _parts.Add(await ChaosRpc.StartAsync(_chain.ChainUrl, cancellationToken));
        Store = _parts.Add(await ChaosStore.StartAsync(plan.Redis, cancellationToken));
        Payers = _parts.Add(ChaosPayers.Create(plan));
        await Payers.FundAsync(Chain, cancellationToken);
        Identities = ChaosIdentities.Create(plan, Payers);
        var servers = new ChaosServers(Rpc.Url, _chain.ChainWebSocketUrl, Store.Flag, Payers, plan.Logs);
        Urls = Ports(plan.Gateways);
        WatcherUrls = Ports(WatcherCount);
        if (plan.TellsMemory) MemoryPorts = [.. Ports(plan.Gateways).Select(url => url.Port)];
        string[] flags = [.. plan.Rules ?? Identities.Flags, .. plan.GatewayFlags];
        _other = plan.Other ?? DotnetProgram.GatewayPath;
        _programs.AddRange(Urls.Select(_ => _other));
        _gateways.AddRange(Urls.Select((url, number) => _parts.Add(
            servers.Gateway(
                () => _programs[number], url.Port, plan.ClockOf(number), flags, plan.TellsMemory ? MemoryPorts[number] : null))));
        _watchers.AddRange(WatcherUrls.Select(url => _parts.Add(servers.Watcher(url.Port))));
        await Task.WhenAll(_gateways.Concat(_watchers).Select(process => process.StartAsync(cancellationToken)));
        Pulse = _parts.Add(ChaosPulse.Start());
        Blocks = _parts.Add(ChaosBlocks.Start(Chain.Rpc));
    }

    private async Task StartNodesAsync(CancellationToken cancellationToken) => Nodes = _parts.Add(await DevNetwork.StartAsync(
        new DevNetOptions { Only = DevNetPart.Nodes, Chain = _chain.ChainUrl, Nodes = NodeCount }, cancellationToken)).Nodes;

    // Their fee is the same for every message, and so are the rates: an estimate is exact.
    private async Task StartPlainNodesAsync(int count, CancellationToken cancellationToken)
    {
        await Chain.AddRatesAsync(OriginatorWriter.Rates, cancellationToken);
        for (var i = 0; i < count; i++)
        {
            var (id, key, url) = (NodeIdStep * (uint)(i + 1), DevAccounts.PrivateKeys[FirstNodeAccount + i], Ports(1).Single());
            var node = _parts.Add(new ChaosProcess(
                $"node {id}",
                () => ChildProcess.Start($"node {id}", DotnetProgram.Bench("node", $"{id}", key, "--port", $"{url.Port}")),
                async (process, stopping) =>
                {
                    await process.WaitForReadyAsync(stopping);
                    _ = process.DrainAsync(CancellationToken.None);
                    return true;
                }));
            _plainNodes.Add(node);
            await node.StartAsync(cancellationToken);
            await Chain.RegisterNodeAsync(id, Stage.Signer(key).PublicKey, url, cancellationToken);
        }
    }

    private static List<Uri> Ports(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => FreePort.Next()).Distinct().Select(port => new Uri($"http://127.0.0.1:{port}"))];
}
