using Xmtp.Gateway.Bench.Load;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>What callers of one payer notice of another payer that is in some trouble.</summary>
internal sealed class ApartBench : IBenchCommand
{
    private const int Rounds = 3;

    public string Name => "apart";

    public string? Summary =>
        "p99 of one payer's messages while another payer is empty, paused, stuck or without its signer, beside p99 while it is well  " +
        "[--rate N] [--json] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var (rate, seconds, isJson) = (50.0, 20.0, false);
        foreach (var option in BenchOption.Read(args, "--quick", "--json"))
        {
            switch (option.Name)
            {
                case "--quick": seconds = 5; break;
                case "--json": isJson = true; break;
                case "--rate": rate = option.Number(1); break;
                default: throw new BenchFailure($"{option.Name}: unknown; expected --rate, --quick or --json");
            }
        }

        await using var stage = await ApartStage.StartAsync(cancellationToken);
        using var calls = new ApartCalls(stage.Url, rate);
        await Console.Error.WriteLineAsync("warming up");
        await calls.MeasureAsync(seconds, cancellationToken);
        var windows = Enum.GetValues<Trouble>().ToDictionary(trouble => trouble, _ => new List<LoadFigures>());
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var (trouble, measured) in windows)
            {
                await Console.Error.WriteLineAsync($"round {round + 1} of {Rounds}: {trouble}");
                await stage.BeginAsync(trouble, cancellationToken);
                measured.Add(await calls.MeasureAsync(seconds, cancellationToken));
                await stage.EndAsync(trouble, cancellationToken);
            }
        }

        var figures = ApartFigures.Of(windows);
        if (isJson) Console.Out.WriteLine(BenchJson.Write(figures));
        else ApartFigures.Print(figures, Console.Out);
        return 0;
    }
}
