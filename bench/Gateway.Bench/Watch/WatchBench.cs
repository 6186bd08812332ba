using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.ChainWatcher.Checkpoints;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Watch;

/// <summary>
/// How fast the watcher reads history, beside bare paging of the same logs through the same client; and what it keeps
/// in memory.
/// </summary>
internal sealed class WatchBench : IBenchCommand
{
    private const int PageSize = 50;

    public string Name => "watch";

    public string? Summary => "the watcher's backfill beside bare eth_getLogs paging, and its memory  [--json] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var (events, rounds) = args.Contains("--quick") ? (20_000, 2) : (100_000, 5);
        await using var anvil = await Anvil.StartAsync(new AnvilOptions(), cancellationToken);
        await StandInContracts.DeployAsync(anvil.Rpc, cancellationToken);
        await Console.Error.WriteLineAsync($"writing {events} events");
        var head = await History.WriteAsync(new DevChain(anvil.Rpc), events, cancellationToken);

        var chain = Chain(anvil.HttpUrl);
        List<double> bare = [], watcher = [];
        WatchRun? run = null;
        // The first round of each warms up and does not count.
        for (var round = 0; round <= rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {rounds}");
            var paging = await PageAsync(chain, head, events, cancellationToken);
            run = await WatchRun.RunAsync(chain, head, events, cancellationToken);
            if (round == 0) continue;
            bare.Add(events / paging.TotalSeconds);
            watcher.Add(events / run.Took.TotalSeconds);
        }

        Print(new WatchReport(events, Median(bare), Median(watcher), run!.EarlyHeapBytes, run.LateHeapBytes), args.Contains("--json"));
        return 0;
    }

    private static WatchedChain Chain(Uri url) => new(
        "settlement-chain", 31337, url, null, 0, PageSize, TimeSpan.FromMinutes(1),
        [ChainAddresses.NodeRegistry, ChainAddresses.RateRegistry, ChainAddresses.PayerRegistry, ChainAddresses.PayerReportManager],
        ChainWatcher.Handlers.ChainEventHandlers.SettlementChain);

    private static async Task<TimeSpan> PageAsync(WatchedChain chain, ulong head, int events, CancellationToken cancellationToken)
    {
        using var transport = new HttpRpcTransport(chain.RpcUrl);
        var rpc = new EthereumRpc(transport);
        var began = Stopwatch.GetTimestamp();
        var seen = 0;
        for (var first = 0ul; first <= head; first += PageSize)
        {
            seen += (await rpc.GetLogsAsync(
                chain.Filter.Between(first, Math.Min(head, first + PageSize - 1)), cancellationToken)).OrThrow().Count;
        }
        var took = Stopwatch.GetElapsedTime(began);
        return seen == events ? took : throw new BenchFailure($"paging saw {seen} of {events} events");
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Print(WatchReport report, bool asJson)
    {
        if (asJson)
        {
            Console.Out.WriteLine(BenchJson.Write(report));
            return;
        }

        Line($"| {report.Events:N0} events, pages of {PageSize} blocks | events/s |");
        Line($"| --- | ---: |");
        Line($"| bare eth_getLogs paging | {report.BareEventsPerSecond:N0} |");
        Line($"| watcher, figures and checkpoints included | {report.WatcherEventsPerSecond:N0} |");
        Line($"");
        Line($"ratio {report.Ratio:F2} = watcher / bare paging (aim: at least 0.90)");
        Line(
            $"managed heap after a fifth of the events {report.EarlyHeapBytes / 1024.0 / 1024:F1} MB, after " +
            $"all {report.LateHeapBytes / 1024.0 / 1024:F1} MB");
    }

    private static void Line(string text) => Console.Out.WriteLine(text);
}

/// <summary>What was measured; medians over the rounds.</summary>
internal sealed record WatchReport(
    int Events, double BareEventsPerSecond, double WatcherEventsPerSecond, long EarlyHeapBytes, long LateHeapBytes)
{
    /// <summary>The watcher's rate in bare paging's.</summary>
    public double Ratio => WatcherEventsPerSecond / BareEventsPerSecond;
}

/// <summary>One backfill from nothing to the head.</summary>
internal sealed record WatchRun(TimeSpan Took, long EarlyHeapBytes, long LateHeapBytes)
{
    public static async Task<WatchRun> RunAsync(WatchedChain chain, ulong head, int events, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("bench-watch").FullName;
        try
        {
            await using var leadership = (await new FileStore(folder).TryLeadAsync(cancellationToken))!;
            var endpoint = new EndpointWatch(
                [chain], null, new WatcherOptions(), new NullNotifier(), TimeProvider.System, NullLogger<EndpointWatch>.Instance);
            var watch = endpoint.Watches[0];
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var began = Stopwatch.GetTimestamp();
            var running = endpoint.RunAsync(leadership, stopping.Token);
            await UntilAsync(watch, head / 5, running, cancellationToken);
            var measuring = Stopwatch.GetTimestamp();
            var early = GC.GetTotalMemory(forceFullCollection: true);
            var measured = Stopwatch.GetElapsedTime(measuring);
            await UntilAsync(watch, head, running, cancellationToken);
            var took = Stopwatch.GetElapsedTime(began) - measured;
            var late = GC.GetTotalMemory(forceFullCollection: true);
            var counted = watch.Ledger!.Read((figures, _) => figures.Events.Values.Sum());
            await stopping.CancelAsync();
            await running;
            return counted == events
                ? new WatchRun(took, early, late)
                : throw new BenchFailure($"the watcher counted {counted} of {events} events");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task UntilAsync(ChainWatch watch, ulong block, Task running, CancellationToken cancellationToken)
    {
        while (!running.IsCompleted && (watch.Ledger is not { } ledger || ledger.Position.Next <= block))
            await Task.Delay(2, cancellationToken);
        if (running.IsCompleted) await running;
    }
}
