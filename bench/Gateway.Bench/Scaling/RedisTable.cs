using Xmtp.Gateway.Bench.Chaos;

namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>The figures of Redis as tables for the documentation.</summary>
internal sealed class RedisTable
{
    private readonly List<string> _rests = [];
    private readonly List<string> _loads = [];

    /// <summary>Adds gateways that nobody calls.</summary>
    public void AddRest(ChaosRedisKind kind, int gateways, ScalingRules rules, RedisUse rest)
    {
        var one = rest.PerSecond.Times(1.0 / gateways);
        var bytes = one.BytesIn + one.BytesOut;
        _rests.Add(
            $"| {Name(kind)} | {gateways} | {rules.Name} | {one.ScriptCalls:F1} | {one.Commands:F1} | {bytes:N0} " +
            $"| {one.CpuMicroseconds:N0} |");
    }

    /// <summary>Adds gateways under load.</summary>
    public void AddLoad(
        ChaosRedisKind kind, int gateways, ScalingRules rules, int callers, long publishes, RedisUse use, RedisUse rest)
    {
        var one = use.PerPublish(rest, publishes);
        _loads.Add(
            $"| {Name(kind)} | {gateways} | {rules.Name} | {callers} | {publishes / use.Seconds:N0} | {one.ScriptCalls:F2} " +
            $"| {one.Commands:F2} | {one.BytesIn:N0} | {one.BytesOut:N0} | {one.CpuMicroseconds:F1} | {use.BusiestShare:P0} |");
    }

    /// <summary>Writes both tables.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(
            "| Redis | gateways | rules | callers each | publishes/s | script calls a publish | commands in them | bytes in | bytes out " +
            "| CPU µs | busiest server |");
        output.WriteLine("| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var load in _loads) output.WriteLine(load);
        output.WriteLine();
        output.WriteLine("| Redis | gateways | rules | at rest, each: script calls/s | other commands/s | bytes/s | CPU µs/s |");
        output.WriteLine("| --- | ---: | --- | ---: | ---: | ---: | ---: |");
        foreach (var rest in _rests) output.WriteLine(rest);
        output.WriteLine();
    }

    private static string Name(ChaosRedisKind kind) => kind == ChaosRedisKind.Cluster ? "cluster of three" : "one server";
}
