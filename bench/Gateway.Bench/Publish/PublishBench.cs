namespace Xmtp.Gateway.Bench.Publish;

/// <summary>What a publish costs in the stock gateway, beside a bare proxy, one signature and one hash.</summary>
internal sealed class PublishBench : IBenchCommand
{
    public string Name => "publish";

    public string? Summary => "the gateway beside a bare proxy: rate, latency and CPU a publish  [--json] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var plan = args.Contains("--quick") ? PublishPlan.Quick : PublishPlan.Full;
        await using var stage = await Stage.StartAsync(cancellationToken);
        var report = await new PublishRun(stage, plan, cancellationToken).RunAsync();
        if (args.Contains("--json")) Console.Out.WriteLine(BenchJson.Write(report));
        else ReportTable.Print(report, Console.Out);
        return 0;
    }
}
