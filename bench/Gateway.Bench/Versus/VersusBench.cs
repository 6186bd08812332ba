namespace Xmtp.Gateway.Bench.Versus;

/// <summary>This gateway beside any gateway that takes the variables of the original, on one chain, in front of the same nodes.</summary>
internal sealed class VersusBench : IBenchCommand
{
    public string Name => "versus";

    public string? Summary =>
        "this gateway beside another one, or beside itself in memory  [--other PROGRAM] [--other-args \"A B\"] [--this PROGRAM] " +
        "[--json FILE] [--quick] [--expect-equal]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux()) throw new BenchFailure("versus tells programs by SSL_CERT_FILE whom to trust: it runs on Linux");
        var plan = VersusPlan.Read(args);
        var report = await new VersusRun(plan, cancellationToken).RunAsync();
        new VersusTable(report, Console.Out).Write();
        if (plan.JsonPath is { } path) await File.WriteAllTextAsync(path, BenchJson.Write(report) + "\n", cancellationToken);
        if (!plan.ExpectsEqual) return 0;
        var differences = VersusCheck.Differences(report);
        foreach (var difference in differences) Line($"DIFFERENCE: {difference}");
        Line($"{differences.Count} differences");
        return differences.Count == 0 ? 0 : 1;
    }

    private static void Line(string text) => Console.Out.WriteLine(text);
}
