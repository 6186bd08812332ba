using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>
/// Everything that <c>versus</c> measured; with <c>--json</c> it is written as it is. docs/benchmarks.md describes its members.
/// </summary>
/// <param name="This">The path of this gateway.</param>
/// <param name="Other">The path of the other one.</param>
/// <param name="OtherUsesRedis">Whether the other one has a Redis.</param>
/// <param name="Processes">Start and memory of both processes.</param>
/// <param name="Rest">Both without any call.</param>
/// <param name="Light">Few messages a second.</param>
/// <param name="Messages">Each shape of messages.</param>
/// <param name="Commits">Each way to mine and number of callers.</param>
/// <param name="Machine">Where it ran.</param>
internal sealed record VersusReport(
    string This,
    string Other,
    bool OtherUsesRedis,
    VersusProcesses Processes,
    VersusRest Rest,
    IReadOnlyList<VersusCase> Light,
    IReadOnlyList<VersusCase> Messages,
    IReadOnlyList<VersusCommits> Commits,
    MachineShape Machine);

/// <summary>Two figures and their ratio.</summary>
internal sealed record Pair(double This, double Other)
{
    /// <summary>This / other; null where the other one is 0.</summary>
    public double? Ratio => Other > 0 ? This / Other : null;
}

/// <summary>The processes of both gateways.</summary>
/// <param name="StartSeconds">From the start of the process to the first answer: the median.</param>
/// <param name="MebibytesAtRest">Memory in RAM after the start, without any call.</param>
/// <param name="MebibytesAfterAll">The same after all messages, and after the commits on the chain that mines each second.</param>
internal sealed record VersusProcesses(Pair StartSeconds, Pair MebibytesAtRest, Pair MebibytesAfterAll);

/// <summary>Both without any call.</summary>
/// <param name="CpuMilliseconds">Processor time a second.</param>
/// <param name="RedisCpuMilliseconds">That of their Redis.</param>
/// <param name="ProxyCpuMilliseconds">That of the bare proxy.</param>
/// <param name="This">The RPC requests of this gateway, a minute.</param>
/// <param name="Other">Those of the other one.</param>
internal sealed record VersusRest(Pair CpuMilliseconds, Pair RedisCpuMilliseconds, double ProxyCpuMilliseconds, RpcUse This, RpcUse Other);

/// <summary>One shape of messages.</summary>
/// <param name="Shape">Its name.</param>
/// <param name="Curve">One signature, and one hash of an envelope of its size.</param>
/// <param name="This">This gateway.</param>
/// <param name="Other">The other one.</param>
/// <param name="Proxy">The bare proxy.</param>
internal sealed record VersusCase(string Shape, CurveCost Curve, ServerFigures This, ServerFigures Other, ServerFigures Proxy)
{
    /// <summary>Proxy + signature + hash, in processor time a publish.</summary>
    public double FloorMicroseconds => Proxy.CpuMicroseconds + Curve.SignatureMicroseconds + Curve.HashMicroseconds;

    /// <summary>The processor time of this gateway in that of the other one.</summary>
    public double CpuRatio => This.CpuMicroseconds / Other.CpuMicroseconds;

    /// <summary>The processor time of this gateway in floors.</summary>
    public double ThisInFloors => This.CpuMicroseconds / FloorMicroseconds;

    /// <summary>The processor time of the other one in floors.</summary>
    public double OtherInFloors => Other.CpuMicroseconds / FloorMicroseconds;
}

/// <summary>Commits of one number of callers on a chain that mines in one way.</summary>
internal sealed record VersusCommits(string Mining, int Callers, CommitUse This, CommitUse Other);

/// <summary>The commits of one gateway.</summary>
/// <param name="Figures">Rate and latency: medians of the windows.</param>
/// <param name="CpuMicroseconds">The gateway's processor time a commit.</param>
/// <param name="RedisCpuMicroseconds">That of its Redis.</param>
/// <param name="Rpc">The RPC requests a commit.</param>
internal sealed record CommitUse(ChainFigures Figures, double CpuMicroseconds, double RedisCpuMicroseconds, RpcUse Rpc);

/// <summary>RPC requests over HTTP and WebSocket, by their method.</summary>
/// <param name="AppChain">Those of the App Chain.</param>
/// <param name="SettlementChain">Those of the settlement chain.</param>
internal sealed record RpcUse(IReadOnlyDictionary<string, double> AppChain, IReadOnlyDictionary<string, double> SettlementChain)
{
    /// <summary>All of them.</summary>
    public double Sum => AppChain.Values.Sum() + SettlementChain.Values.Sum();

    /// <summary>Both together.</summary>
    public RpcUse Plus(RpcUse other) => new(Plus(AppChain, other.AppChain), Plus(SettlementChain, other.SettlementChain));

    private static Dictionary<string, double> Plus(IReadOnlyDictionary<string, double> one, IReadOnlyDictionary<string, double> other) =>
        one.Concat(other).GroupBy(count => count.Key).ToDictionary(group => group.Key, group => group.Sum(count => count.Value));
}
