using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>The order of the measurement: starts, rest, few messages, each shape, commits each second; then commits at once.</summary>
internal sealed class VersusRun(VersusPlan plan, CancellationToken cancellationToken)
{
    private readonly VersusTimes _times = plan.Times;

    public async Task<VersusReport> RunAsync()
    {
        List<VersusCommits> commits = [];
        Pair starts, atRest, afterAll;
        VersusRest rest;
        IReadOnlyList<VersusCase> light, messages;
        await using (var stage = await VersusStage.StartAsync(plan, Mining.EachSecond, cancellationToken))
        {
            starts = await MeasureStartsAsync(stage);
            var proxy = await stage.StartProxyAsync(stage.NodeUrl, cancellationToken);
            rest = await MeasureRestAsync(stage, proxy);
            atRest = Memory(stage);
            var load = new VersusMessages(new Contest(await stage.StartGeneratorAsync(cancellationToken)), stage, _times);
            light = await load.MeasureLightAsync(proxy, cancellationToken);
            var tlsProxy = await stage.StartProxyAsync(stage.SecondNodeUrl, cancellationToken);
            messages = await load.MeasureAsync(proxy, tlsProxy, cancellationToken);
            commits.AddRange(await new VersusChain(stage, Mining.EachSecond, _times).MeasureAsync(VersusChain.Callers, cancellationToken));
            afterAll = Memory(stage);
        }

        foreach (var callers in _times.AtOnceChains)
        {
            await using var stage = await VersusStage.StartAsync(plan, Mining.AtOnce, cancellationToken);
            await stage.StartGatewaysAsync(cancellationToken);
            commits.AddRange(await new VersusChain(stage, Mining.AtOnce, _times).MeasureAsync(callers, cancellationToken));
        }

        return new VersusReport(
            plan.This.Path,
            plan.Other.Path,
            plan.Other.UsesRedis,
            new VersusProcesses(starts, atRest, afterAll),
            rest,
            light,
            messages,
            commits,
            MachineShape.Here());
    }

    // The first start of each brings its files into memory, and does not count. The last one stays.
    private async Task<Pair> MeasureStartsAsync(VersusStage stage)
    {
        Say("starts");
        await stage.StartGatewaysAsync(cancellationToken);
        List<double> here = [], there = [];
        for (var round = 0; round < _times.Starts; round++)
        {
            here.Add((await stage.This.StartAsync(cancellationToken)).TotalSeconds);
            there.Add((await stage.Other.StartAsync(cancellationToken)).TotalSeconds);
        }

        return new Pair(Medians.Of(here), Medians.Of(there));
    }

    // All of them at the same time: they do not need the processors.
    private async Task<VersusRest> MeasureRestAsync(VersusStage stage, ServerUnderTest proxy)
    {
        await WaitAsync(_times.SettleSeconds);
        Say("at rest");
        var proxyBefore = GatewayReading.CpuOf(proxy.Process.Id);
        var (here, there) = (await GatewayReading.ReadAsync(stage.This), await GatewayReading.ReadAsync(stage.Other));
        await WaitAsync(_times.RestSeconds);
        var (hereAfter, thereAfter) = (await GatewayReading.ReadAsync(stage.This), await GatewayReading.ReadAsync(stage.Other));
        var proxyCpu = (GatewayReading.CpuOf(proxy.Process.Id) - proxyBefore).TotalMilliseconds;
        var seconds = TimeProvider.System.GetElapsedTime(here.At, hereAfter.At).TotalSeconds;
        return new VersusRest(
            PairOf(one => one.Cpu),
            PairOf(one => one.RedisCpu),
            proxyCpu / seconds,
            hereAfter.RequestsSince(here, seconds / 60),
            thereAfter.RequestsSince(there, seconds / 60));

        Pair PairOf(Func<GatewayReading, TimeSpan> figure) => new(
            (figure(hereAfter) - figure(here)).TotalMilliseconds / seconds,
            (figure(thereAfter) - figure(there)).TotalMilliseconds / seconds);
    }

    private static Pair Memory(VersusStage stage) => new(
        GatewayReading.MebibytesOf(stage.This.Server.Process.Id), GatewayReading.MebibytesOf(stage.Other.Server.Process.Id));

    private Task WaitAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);

    private static void Say(string what) => Console.Error.WriteLine(what);
}
