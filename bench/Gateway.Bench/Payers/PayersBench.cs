using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>What many payers in one gateway cost beside one: start, memory, the choice of a payer, and what it does at rest.</summary>
internal sealed class PayersBench : IBenchCommand
{
    public string Name => "payers";

    public string? Summary =>
        "10,000 payers in one gateway, 100 of them active, beside one payer: start, memory, choosing one, requests at rest  " +
        "[--payers N] [--active N] [--json] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var plan = PayersPlan.Read(args);
        await using var parts = new StartedParts();
        var (anvil, _) = await BenchChain.StartWithNodeAsync(parts, new AnvilOptions(), cancellationToken);
        await new DevChain(anvil.Rpc).AddRatesAsync(OriginatorWriter.Rates, cancellationToken);
        var chain = parts.Add(await RpcMeter.StartAsync(anvil.HttpUrl, anvil.WebSocketUrl, cancellationToken));

        using var one = PayersFolder.Write(1);
        using var many = PayersFolder.Write(plan.Payers);
        // The first start reads the program's files from the disk, and is not counted.
        await PayersRun.MeasureAsync(one, plan with { Messages = 1, SettleSeconds = 0, RestSeconds = 0.1 }, chain, cancellationToken);
        await Console.Error.WriteLineAsync("one payer");
        var single = await PayersRun.MeasureAsync(one, plan, chain, cancellationToken);
        await Console.Error.WriteLineAsync($"{many.Count:N0} payers");
        var figures = await PayersRun.MeasureAsync(many, plan, chain, cancellationToken);
        await Console.Error.WriteLineAsync("choosing a payer");
        var choosing = await PayerChoice.MeasureAsync(many, chain.HttpUrl, plan.Choices, cancellationToken);
        if (plan.IsJson) Console.Out.WriteLine(BenchJson.Write(new { One = single, Many = figures, ChoosingMicroseconds = choosing }));
        else PayersFigures.Print(single, figures, choosing, Console.Out);
        return 0;
    }
}
