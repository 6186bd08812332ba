using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>What a comparison is told on its command line.</summary>
internal sealed record VersusPlan
{
    private const int OtherAccount = 2;

    /// <summary>This gateway.</summary>
    public GatewayProgram This { get; init; } = new("this gateway", DotnetProgram.GatewayPath, [], Stage.PayerKey, UsesRedis: true);

    /// <summary>The other one: by default this gateway with memory in place of Redis.</summary>
    public GatewayProgram Other { get; init; } =
        new("this gateway in memory", DotnetProgram.GatewayPath, [], DevAccounts.PrivateKeys[OtherAccount], UsesRedis: false);

    /// <summary>How long everything is measured.</summary>
    public VersusTimes Times { get; init; } = VersusTimes.Full;

    /// <summary>The file that gets the report as JSON; null for none.</summary>
    public string? JsonPath { get; init; }

    /// <summary>Whether it fails when the figures of the two differ much.</summary>
    public bool ExpectsEqual { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="BenchFailure">An argument is unknown or missing.</exception>
    public static VersusPlan Read(string[] args)
    {
        var plan = new VersusPlan();
        foreach (var option in BenchOption.Read(args, "--quick", "--expect-equal"))
        {
            plan = option.Name switch
            {
                "--other" => plan with
                {
                    Other = plan.Other with { Name = "the other gateway", Path = option.Value, UsesRedis = true },
                },
                "--other-args" => plan with
                {
                    Other = plan.Other with { Arguments = option.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
                },
                "--this" => plan with { This = plan.This with { Path = option.Value } },
                "--json" => plan with { JsonPath = Writable(option.Value) },
                "--quick" => plan with { Times = VersusTimes.Quick },
                "--expect-equal" => plan with { ExpectsEqual = true },
                _ => throw new BenchFailure(
                    $"{option.Name}: unknown; expected --other, --other-args, --this, --json, --quick or --expect-equal"),
            };
        }

        return plan;
    }

    // Found out before the measurement, not after it.
    private static string Writable(string path) => Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path)))
        ? path
        : throw new BenchFailure($"--json: there is no folder for '{path}'");
}
