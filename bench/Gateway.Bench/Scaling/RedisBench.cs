using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Chaos;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>
/// What a publish costs Redis: operations, bytes and processor time, with one to three gateways on one server and on a
/// cluster; and what a commit costs Redis and the RPC provider.
/// </summary>
internal sealed class RedisBench : IBenchCommand
{
    public string Name => "redis";

    public string? Summary => "operations, bytes and processor time of Redis a publish, one server and a cluster  [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var plan = args.Contains("--quick") ? RedisPlan.Quick : RedisPlan.Full;
        var token = BenchToken.Create();
        var production = ScalingRules.Production(token);
        await using var stage = await ScalingStage.StartAsync(cancellationToken);
        var table = new RedisTable();
        CommitFigures commits;
        foreach (var kind in new[] { ChaosRedisKind.Alone, ChaosRedisKind.Cluster })
        {
            await using var redis = await ChaosRedis.StartAsync(kind, cancellationToken);
            await using var meter = await RedisMeter.ConnectAsync(redis);
            foreach (var rules in new[] { ScalingRules.None, production, ScalingRules.Portions(token) })
            {
                foreach (var count in RedisPlan.Gateways)
                {
                    await Console.Error.WriteLineAsync($"{kind}, {count} gateways, rules: {rules.Name}");
                    await MeasureAsync(plan, stage, redis, meter, (kind, count, rules), table, cancellationToken);
                }
            }
        }

        await Console.Error.WriteLineAsync("commits");
        await using (var redis = await ChaosRedis.StartAsync(ChaosRedisKind.Alone, cancellationToken))
            commits = await CommitFigures.MeasureAsync(plan, stage, redis, production, cancellationToken);
        table.Write(Console.Out);
        commits.Write(Console.Out);
        return 0;
    }

    private static async Task MeasureAsync(
        RedisPlan plan,
        ScalingStage stage,
        ChaosRedis redis,
        RedisMeter meter,
        (ChaosRedisKind Kind, int Count, ScalingRules Rules) one,
        RedisTable table,
        CancellationToken cancellationToken)
    {
        var gateways = await stage.StartGatewaysAsync(one.Count, one.Rules, redis, cancellationToken);
        try
        {
            var before = await meter.ReadAsync();
            await WaitAsync(plan.RestSeconds, cancellationToken);
            var rest = RedisUse.Between(before, await meter.ReadAsync(), plan.RestSeconds);
            table.AddRest(one.Kind, one.Count, one.Rules, rest);
            foreach (var callers in RedisPlan.Callers)
            {
                var (publishes, use) = await LoadAsync(plan, gateways, one.Rules, callers, meter, cancellationToken);
                table.AddLoad(one.Kind, one.Count, one.Rules, callers, publishes, use, rest);
            }
        }
        finally
        {
            foreach (var gateway in gateways) await gateway.Process.DisposeAsync();
        }
    }

    private static async Task<(long Publishes, RedisUse Use)> LoadAsync(
        RedisPlan plan,
        IReadOnlyList<ServerUnderTest> gateways,
        ScalingRules rules,
        int callers,
        RedisMeter meter,
        CancellationToken cancellationToken)
    {
        var window = new LoadWindow { Callers = callers, IsGateway = true, Token = rules.Token, Seconds = plan.Seconds };
        var targets = gateways.Select(gateway => new LoadTarget(window with { Url = gateway.Url })).ToList();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = Task.WhenAll(targets.Select(target => ClosedLoop.RunAsync(window, target, stopping.Token)));
        await WaitAsync(plan.RampSeconds, cancellationToken);
        var before = await meter.ReadAsync();
        var opened = targets.ConvertAll(target => target.Record.Open());
        await WaitAsync(plan.Seconds, cancellationToken);
        var elapsed = targets.Select((target, i) => target.Record.Close(opened[i])).ToList()[0];
        var after = await meter.ReadAsync();
        await stopping.CancelAsync();
        await running;
        var figures = targets.ConvertAll(target => target.Record.Figures(elapsed, default, 0));
        targets.ForEach(target => target.Dispose());
        if (figures.FirstOrDefault(one => one.Failures > 0) is { } failed)
            throw new BenchFailure($"{failed.Failures} calls failed; the first: {failed.FirstFailure}");
        return (figures.Sum(one => one.Calls), RedisUse.Between(before, after, elapsed.TotalSeconds));
    }

    internal static Task WaitAsync(double seconds, CancellationToken cancellationToken) =>
        ChaosFault.WaitAsync(TimeSpan.FromSeconds(seconds), cancellationToken);
}
