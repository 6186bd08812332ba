namespace Xmtp.Gateway.Bench.Rest;

/// <summary>What <c>rest</c> measures, and for how long.</summary>
internal sealed record RestPlan
{
    /// <summary>How long gateways are left alone after their start, and after load, before their rest is measured, in seconds.</summary>
    public double SettleSeconds { get; init; } = 30;

    /// <summary>How long their rest is measured, in seconds.</summary>
    public double RestSeconds { get; init; } = 60;

    /// <summary>How long the main part of the load lasts, in seconds; batches and large envelopes take a quarter of it each.</summary>
    public double LoadSeconds { get; init; } = 60;

    /// <summary>How long a window of light load lasts, in seconds.</summary>
    public double LightSeconds { get; init; } = 20;

    /// <summary>Windows of light load; the median counts.</summary>
    public int LightRounds { get; init; } = 3;

    /// <summary>Where results are kept: memory, redis, or both in turn.</summary>
    public IReadOnlyList<string> Stores { get; init; } = ["memory", "redis"];

    /// <summary>Other builds of the gateway: their assemblies.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Environments in which this gateway is measured besides, each as NAME=VALUE with spaces between.</summary>
    public IReadOnlyList<string> Environments { get; init; } = [];

    /// <summary>Whether an object is printed instead of a table.</summary>
    public bool IsJson { get; init; }

    /// <summary>Reads it from a command line.</summary>
    /// <exception cref="BenchFailure">An argument is unknown, or its value is missing or no file.</exception>
    public static RestPlan Read(string[] args)
    {
        var plan = new RestPlan();
        for (var i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new BenchFailure($"{args[i - 1]}: a value is missing");
            plan = args[i] switch
            {
                "--quick" => plan with { SettleSeconds = 8, RestSeconds = 15, LoadSeconds = 8, LightSeconds = 10, LightRounds = 1 },
                "--json" => plan with { IsJson = true },
                "--store" => plan with { Stores = [Value()] },
                "--other" => plan with { Others = [.. plan.Others, Existing(Value())] },
                "--set" => plan with { Environments = [.. plan.Environments, Value()] },
                _ => throw new BenchFailure($"{args[i]}: unknown; expected --quick, --json, --store, --other or --set"),
            };
        }

        return plan.Stores.All(store => store is "memory" or "redis") ? plan : throw new BenchFailure("--store: expected memory or redis");
    }

    private static string Existing(string path) =>
        File.Exists(path) ? Path.GetFullPath(path) : throw new BenchFailure($"--other: there is no {path}");
}
