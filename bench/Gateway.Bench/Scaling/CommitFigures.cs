using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Chaos;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>What a commit costs Redis and the RPC provider, on a chain that mines each second.</summary>
/// <param name="Commits">The number of commits.</param>
/// <param name="Redis">What Redis did meanwhile.</param>
/// <param name="RedisAtRest">What Redis does without any call.</param>
/// <param name="Rpc">The RPC requests meanwhile, by their method.</param>
/// <param name="RpcAtRest">The RPC requests a second without any call, by their method.</param>
internal sealed record CommitFigures(
    int Commits,
    RedisUse Redis,
    RedisUse RedisAtRest,
    IReadOnlyDictionary<string, double> Rpc,
    IReadOnlyDictionary<string, double> RpcAtRest)
{
    private const int Callers = 16;

    /// <summary>Measures one gateway.</summary>
    public static async Task<CommitFigures> MeasureAsync(
        RedisPlan plan, ScalingStage stage, ChaosRedis redis, ScalingRules rules, CancellationToken cancellationToken)
    {
        await using var meter = await RedisMeter.ConnectAsync(redis);
        var gateways = await stage.StartGatewaysAsync(1, rules, redis, cancellationToken);
        await using var process = gateways[0].Process;
        using var channel = GrpcChannel.ForAddress(gateways[0].Url);
        var client = new PayerApi.PayerApiClient(channel);
        var headers = new Metadata { { "authorization", "Bearer " + rules.Token } };
        Task CommitAsync(CancellationToken stopping) => client.PublishClientEnvelopesAsync(
            new PublishClientEnvelopesRequest { Envelopes = { CommitEnvelope.New() } }, headers, cancellationToken: stopping).ResponseAsync;

        // What the first commits read once is not counted.
        await Rush.RunAsync(Callers, TimeSpan.FromSeconds(3), CommitAsync, cancellationToken);
        var (redisBefore, rpcBefore) = (await meter.ReadAsync(), stage.Rpc.Counts.Read());
        await RedisBench.WaitAsync(plan.CommitSeconds / 2, cancellationToken);
        var (redisAtRest, rpcAtRest) = (await meter.ReadAsync(), stage.Rpc.Counts.Read());
        var rush = await Rush.RunAsync(Callers, TimeSpan.FromSeconds(plan.CommitSeconds), CommitAsync, cancellationToken);
        var (redisAfter, rpcAfter) = (await meter.ReadAsync(), stage.Rpc.Counts.Read());
        return new CommitFigures(
            rush.Milliseconds.Count,
            RedisUse.Between(redisAtRest, redisAfter, rush.Took.TotalSeconds),
            RedisUse.Between(redisBefore, redisAtRest, plan.CommitSeconds / 2),
            RpcCounts.Between(rpcAtRest, rpcAfter, 1),
            RpcCounts.Between(rpcBefore, rpcAtRest, plan.CommitSeconds / 2));
    }

    /// <summary>Writes them as a table.</summary>
    public void Write(TextWriter output)
    {
        var one = Redis.PerPublish(RedisAtRest, Commits);
        output.WriteLine(
            "| commits/s | commits a block | script calls a commit | commands in them | bytes in | bytes out | CPU µs | RPC requests |");
        output.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        var perSecond = Commits / Redis.Seconds;
        Line(
            output,
            $"| {perSecond:F1} | {perSecond * ChaosStage.BlockTime.TotalSeconds:F1} | {one.ScriptCalls:F2} | {one.Commands:F2} " +
            $"| {one.BytesIn:N0} | {one.BytesOut:N0} | {one.CpuMicroseconds:F1} | {Rpc.Values.Sum() / Commits:F2} |");
        output.WriteLine();
        output.WriteLine("| RPC request | a commit | at rest, a second |");
        output.WriteLine("| --- | ---: | ---: |");
        foreach (var method in Rpc.Keys.Union(RpcAtRest.Keys).OrderByDescending(method => Rpc.GetValueOrDefault(method)))
            Line(output, $"| {method} | {Rpc.GetValueOrDefault(method) / Commits:F3} | {RpcAtRest.GetValueOrDefault(method):F2} |");
        output.WriteLine();
    }

    private static void Line(TextWriter output, string line) => output.WriteLine(line);
}
