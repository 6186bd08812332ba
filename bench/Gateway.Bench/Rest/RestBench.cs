using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Rest;

/// <summary>What a gateway takes while nobody calls and while few do, and how much memory it keeps after many did.</summary>
internal sealed class RestBench : IBenchCommand
{
    private const int Kilobyte = 1024;

    public string Name => "rest";

    public string? Summary =>
        "processor time at rest and under light load, memory at rest and after load  [--store memory|redis] " +
        "[--other PROGRAM] [--set \"NAME=VALUE ...\"] [--json] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var plan = RestPlan.Read(args);
        await using var stage = await Stage.StartAsync(cancellationToken);
        List<BenchRedis> stores = [];
        List<RestSubject> subjects = [];
        try
        {
            foreach (var store in plan.Stores)
            {
                subjects.Add(await StartAsync($"this, {store}", store, null, null));
                foreach (var path in plan.Others) subjects.Add(await StartAsync($"{path}, {store}", store, path, null));
                foreach (var text in plan.Environments) subjects.Add(await StartAsync($"{text}, {store}", store, null, text));
            }

            await MeasureAsync(plan, stage, subjects, cancellationToken);
            RestFigures[] figures = [.. subjects.Select(subject => subject.Figures)];
            if (plan.IsJson) Console.Out.WriteLine(BenchJson.Write(figures));
            else RestFigures.Print(figures, Console.Out);
            return 0;
        }
        finally
        {
            foreach (var subject in subjects) subject.Dispose();
            foreach (var store in stores) await store.DisposeAsync();
        }

        async Task<RestSubject> StartAsync(string name, string store, string? path, string? environment)
        {
            var socket = new UriBuilder(stage.Chain) { Scheme = Uri.UriSchemeWs }.Uri.AbsoluteUri;
            List<string> flags =
            [
                "--contracts.app-chain.wss-url", socket, "--contracts.settlement-chain.wss-url", socket,
            ];
            if (store == "redis")
            {
                stores.Add(await BenchRedis.StartAsync(cancellationToken));
                flags.Add(stores[^1].Flag);
            }

            var variables = environment?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(one => one.Split('=', 2))
                .ToDictionary(one => one[0], one => one is [_, var value] ? value : throw new BenchFailure("--set: expected NAME=VALUE"));
            return new(name, await stage.StartGatewayAsync("sampled", [.. flags], null, cancellationToken, variables, path));
        }
    }

    private static async Task MeasureAsync(RestPlan plan, Stage stage, List<RestSubject> subjects, CancellationToken cancellationToken)
    {
        var contest = new Contest(stage.Generator);
        await RestAsync((figures, cpu, memory) => figures with { AtRest = cpu, MemoryAtRest = memory });
        var load = new LoadWindow { Callers = 64, Seconds = plan.LoadSeconds };
        foreach (var subject in subjects)
        {
            await SayAsync($"load: {subject.Figures.Gateway}");
            var single = (await contest.RunAsync(load, 1, cancellationToken, subject.Server))[0];
            await contest.RunAsync(
                load with { Callers = 16, EnvelopesPerCall = 50, Seconds = plan.LoadSeconds / 4 }, 1, cancellationToken, subject.Server);
            await contest.RunAsync(
                load with { Callers = 16, EnvelopeSize = 64 * Kilobyte, Seconds = plan.LoadSeconds / 4 },
                1,
                cancellationToken,
                subject.Server);
            subject.Figures = subject.Figures with
            {
                MemoryAfterLoad = subject.Memory(),
                LoadPerSecond = single.PublishesPerSecond,
                LoadCpuMicroseconds = single.CpuMicroseconds,
            };
        }

        await RestAsync((figures, cpu, memory) => figures with { AtRestAgain = cpu, MemoryAtRestAgain = memory });
        var at5 = await LightAsync(5);
        var at20 = await LightAsync(20);
        for (var i = 0; i < subjects.Count; i++)
        {
            subjects[i].Figures = subjects[i].Figures with
            {
                At5 = PerSecond(at5[i]),
                At20 = PerSecond(at20[i]),
                P50At5 = at5[i].P50Milliseconds,
            };
        }

        async Task RestAsync(Func<RestFigures, double, long, RestFigures> note)
        {
            await SayAsync("at rest");
            await WaitAsync(plan.SettleSeconds);
            subjects.ForEach(subject => subject.Begin());
            await WaitAsync(plan.RestSeconds);
            subjects.ForEach(subject => subject.Figures = note(subject.Figures, subject.End(), subject.Memory()));
        }

        async Task<ServerFigures[]> LightAsync(double rate)
        {
            await SayAsync($"{rate} messages a second");
            var window = new LoadWindow { CallsPerSecond = rate, Seconds = plan.LightSeconds };
            return await contest.RunAsync(window, plan.LightRounds, cancellationToken, [.. subjects.Select(subject => subject.Server)]);
        }

        Task WaitAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);
    }

    private static double PerSecond(ServerFigures figures) => figures.CpuMicroseconds * figures.PublishesPerSecond / 1000;

    private static Task SayAsync(string line) => Console.Error.WriteLineAsync(line);
}
