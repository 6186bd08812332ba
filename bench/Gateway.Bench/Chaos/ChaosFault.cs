using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet.Nodes;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>What a fault affects: two faults never affect the same thing at the same time.</summary>
internal enum ChaosTarget
{
    /// <summary>One gateway.</summary>
    Gateway,

    /// <summary>One node.</summary>
    Node,

    /// <summary>One watcher.</summary>
    Watcher,

    /// <summary>Redis.</summary>
    Redis,

    /// <summary>The RPC provider between gateways and chain.</summary>
    Rpc,

    /// <summary>The chain.</summary>
    Chain,

    /// <summary>One account that sends a payer's commits.</summary>
    Sender,

    /// <summary>The payers file of all gateways.</summary>
    PayersFile,
}

/// <summary>A kind of fault. It begins, lasts, and ends by itself.</summary>
/// <param name="Name">The name in schedules and arguments.</param>
/// <param name="Target">What it affects.</param>
/// <param name="Max">The max duration.</param>
/// <param name="RunAsync">Injects it into the target of this number, waits for the duration, and ends it.</param>
internal sealed record ChaosFault(
    string Name, ChaosTarget Target, TimeSpan Max, Func<ChaosStage, int, TimeSpan, CancellationToken, Task> RunAsync)
{
    // One block for each second of the duration.
    private const int MaxReorganizedBlocks = 5;
    private static readonly Wei HighBaseFee = Wei.FromGwei(40);
    private static readonly string[] Interrupting =
        ["gateway-kill", "gateway-restart", "node-kill", "node-resets-after-staging"];

    /// <summary>
    /// Whether a gateway, a node or a connection between them ends by it, so that nobody can know what became of a message.
    /// </summary>
    public bool Interrupts => Interrupting.Contains(Name);

    /// <summary>
    /// Whether a gateway is stopped by it, which takes nodes for not answering when it continues.
    /// </summary>
    public bool Stops => Name == "gateway-pause";

    /// <summary>The min duration; a fifth of the max one where nothing else is said.</summary>
    public TimeSpan Min { get; init; } = Max / 5;

    /// <summary>The setup of Redis that it needs; null for any.</summary>
    public ChaosRedisKind? OnlyWith { get; init; }

    /// <summary>Whether it needs a second build of the gateway.</summary>
    public bool NeedsOther { get; init; }

    /// <summary>How many payers the payers file must have for it; 0 where it needs no payers file.</summary>
    public int NeededPayers { get; init; }

    /// <summary>Whether it removes blocks of the chain.</summary>
    public bool Reorganizes => Name == "chain-reorganizes";

    /// <summary>Every kind.</summary>
    public static IReadOnlyList<ChaosFault> All { get; } =
    [
        .. OfProcess("gateway", ChaosTarget.Gateway, stage => stage.Gateways),
        new("gateway-upgrade", ChaosTarget.Gateway, TimeSpan.FromSeconds(2), (stage, number, duration, cancellationToken) =>
            stage.UpgradeAsync(number, duration, cancellationToken)) { NeedsOther = true },
        .. OfProcess("watcher", ChaosTarget.Watcher, stage => stage.Watchers),
        new("redis-pause", ChaosTarget.Redis, TimeSpan.FromSeconds(5), (stage, _, duration, cancellationToken) =>
            stage.Store.PauseAsync(duration, cancellationToken)),
        new("redis-empties", ChaosTarget.Redis, TimeSpan.FromSeconds(1), (stage, _, _, _) => stage.Store.EmptyAsync()),
        new("redis-full", ChaosTarget.Redis, TimeSpan.FromSeconds(5), (stage, _, duration, cancellationToken) =>
            stage.Store.FillAsync(duration, cancellationToken)),
        new("redis-replaced", ChaosTarget.Redis, TimeSpan.FromSeconds(3), (stage, _, duration, cancellationToken) =>
            stage.Store.ReplaceAsync(duration, cancellationToken)),
        new("redis-fails-over", ChaosTarget.Redis, TimeSpan.FromSeconds(3), (stage, _, duration, cancellationToken) =>
            stage.Store.FailOverAsync(duration, cancellationToken)) { OnlyWith = ChaosRedisKind.Sentinel },
        new("node-kill", ChaosTarget.Node, TimeSpan.FromSeconds(5), async (stage, target, duration, cancellationToken) =>
        {
            await stage.Nodes[target].KillAsync();
            await WaitAsync(duration, cancellationToken);
            await stage.Nodes[target].RestartAsync(cancellationToken);
        }),
        OfNode("node-slow", 8, faults => faults with { WorkerDelay = TimeSpan.FromSeconds(3) }),
        OfNode("node-stuck", 8, faults => faults with { WorkerStuck = true }),
        OfNode("node-unavailable", 8, faults => faults with { BeforeStaging = PublishFault.Answer(StatusCode.Unavailable) }),
        OfNode("node-silent", 8, faults => faults with { BeforeStaging = PublishFault.Hang() }),
        OfNode("node-database", 8, faults => faults with { StorageUnavailable = true }),
        OfNode("node-resets-after-staging", 8, faults => faults with { AfterStaging = PublishFault.Reset() with { Every = 3 } }),
        OfNode("node-fails-after-staging", 8, faults => faults with
        {
            AfterStaging = PublishFault.Answer(StatusCode.Internal) with { Every = 3 },
        }),
        OfNode("node-lies", 8, faults => faults with { OtherNode = true }),
        OfRpc("rpc-loses-answers", ChaosRpcFault.LoseAnswer),
        OfRpc("rpc-slow", ChaosRpcFault.Delay),
        OfRpc("rpc-limits", ChaosRpcFault.Limit),
        OfRpc("rpc-unavailable", ChaosRpcFault.Unavailable),
        new("chain-base-fee", ChaosTarget.Chain, TimeSpan.FromSeconds(1), (stage, _, _, cancellationToken) =>
            stage.Chain.SetNextBaseFeeAsync(HighBaseFee, cancellationToken)),
        new("chain-drops-pending", ChaosTarget.Chain, TimeSpan.FromSeconds(1), (stage, _, _, cancellationToken) =>
            stage.TellChainAsync("anvil_dropAllTransactions", [], cancellationToken)),
        new("chain-reorganizes", ChaosTarget.Chain, TimeSpan.FromSeconds(MaxReorganizedBlocks), (stage, _, duration, cancellationToken) =>
            stage.Chain.ReorganizeAsync((uint)Math.Ceiling(duration.TotalSeconds), cancellationToken)),
        new("chain-mines-older", ChaosTarget.Chain, TimeSpan.FromSeconds(26), async (stage, _, duration, cancellationToken) =>
        {
            // The oldest transaction is replaced meanwhile, and the chain does not get the replacement.
            stage.Rpc.HoldsReplacements = true;
            await stage.MineEveryAsync(TimeSpan.Zero, cancellationToken);
            await WaitAsync(duration, cancellationToken);
            await stage.MineEveryAsync(ChaosStage.BlockTime, CancellationToken.None);
            await WaitAsync(2 * ChaosStage.BlockTime, cancellationToken);
            stage.Rpc.HoldsReplacements = false;
        })
        {
            // A transaction is replaced 15 to 20 s after it was signed.
            Min = TimeSpan.FromSeconds(22),
        },
        new("chain-paused", ChaosTarget.Chain, TimeSpan.FromSeconds(6), async (stage, _, duration, cancellationToken) =>
        {
            await stage.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, true, cancellationToken);
            await WaitAsync(duration, cancellationToken);
            await stage.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, false, CancellationToken.None);
        }),
        new("node-leaves", ChaosTarget.Chain, TimeSpan.FromSeconds(8), async (stage, _, duration, cancellationToken) =>
        {
            // A fault of the chain, so that the registry's transactions are neither dropped nor reorganized meanwhile.
            var node = stage.Nodes[(int)(duration.Ticks % stage.Nodes.Count)].Id;
            await stage.Chain.RemoveFromNetworkAsync(node, cancellationToken);
            await WaitAsync(duration, cancellationToken);
            await stage.Chain.AddToNetworkAsync(node, CancellationToken.None);
        }),
        .. ChaosPayerFaults.All,
    ];

    internal static Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        Task.Delay(duration, TimeProvider.System, cancellationToken);

    /// <summary>The faults of processes: SIGKILL, SIGTERM with a start afterwards, SIGSTOP.</summary>
    internal static ChaosFault[] OfProcess(
        string name, ChaosTarget target, Func<ChaosStage, IReadOnlyList<ChaosProcess>> processes) =>
    [
        new($"{name}-kill", target, TimeSpan.FromSeconds(3), async (stage, number, duration, cancellationToken) =>
        {
            await processes(stage)[number].KillAsync();
            await WaitAsync(duration, cancellationToken);
            await processes(stage)[number].StartAsync(cancellationToken);
        }),
        new($"{name}-restart", target, TimeSpan.FromSeconds(2), async (stage, number, duration, cancellationToken) =>
        {
            await processes(stage)[number].TerminateAsync(cancellationToken);
            await WaitAsync(duration, cancellationToken);
            await processes(stage)[number].StartAsync(cancellationToken);
        }),
        new($"{name}-pause", target, TimeSpan.FromSeconds(10), (stage, number, duration, cancellationToken) =>
            processes(stage)[number].PauseAsync(duration, cancellationToken)),
    ];

    private static ChaosFault OfNode(string name, int maxSeconds, Func<NodeFaults, NodeFaults> change) =>
        new(name, ChaosTarget.Node, TimeSpan.FromSeconds(maxSeconds), async (stage, target, duration, cancellationToken) =>
        {
            stage.Nodes[target].Faults = change(NodeFaults.None);
            await WaitAsync(duration, cancellationToken);
            stage.Nodes[target].Faults = NodeFaults.None;
        });

    private static ChaosFault OfRpc(string name, ChaosRpcFault fault) =>
        new(name, ChaosTarget.Rpc, TimeSpan.FromSeconds(6), async (stage, _, duration, cancellationToken) =>
        {
            stage.Rpc.Fault = fault;
            await WaitAsync(duration, cancellationToken);
            stage.Rpc.Fault = ChaosRpcFault.None;
        });
}
