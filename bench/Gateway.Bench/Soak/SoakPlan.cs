using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Chaos;

namespace Xmtp.Gateway.Bench.Soak;

/// <summary>The arguments of a long run.</summary>
internal sealed record SoakPlan
{
    private const int MaxWindowMinutes = 5;

    /// <summary>The number of faults in each window: in five minutes one a minute.</summary>
    public const int FaultsPerWindow = 5;

    /// <summary>How long it publishes, in minutes; at least 4, so that a gateway is back at the end of each part.</summary>
    public double Minutes { get; init; } = 20;

    /// <summary>The number of gateways, at least 2: the last one is killed again and again.</summary>
    public int Gateways { get; init; } = 2;

    /// <summary>Messages a second; null for half of the highest rate, which is measured first.</summary>
    public double? Rate { get; init; }

    /// <summary>Commits a second, which go to the App Chain; their times do not count.</summary>
    public double Commits { get; init; } = 2;

    /// <summary>What is compared: the first five minutes with the last five, in shorter runs the first quarter with the last.</summary>
    public TimeSpan Window => TimeSpan.FromMinutes(Math.Min(MaxWindowMinutes, Minutes / 4));

    /// <summary>The number of whole windows.</summary>
    public int Windows => (int)(Minutes / Window.TotalMinutes + 1e-6);

    /// <summary>What the faults are injected into.</summary>
    /// <param name="tokens">Who publishes.</param>
    public ChaosPlan Stage(IReadOnlyList<BenchToken> tokens) => new()
    {
        Seed = 0,
        Gateways = Gateways,
        Clock = TimeSpan.Zero,
        PlainNodes = 2,
        TellsMemory = true,
        Rules =
        [
            .. tokens[0].Flags, "--limits=10000000/1s, 10000000/1s gateway", "--budgets=1000000/month, 4000000/month gateway",
            // What is remembered for a while is complete within the first window.
            FormattableString.Invariant($"--idempotency.window={(int)(Window / 2.5).TotalSeconds}s"),
        ],
    };

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="BenchFailure">An argument is unknown, missing or no number.</exception>
    public static SoakPlan Read(string[] args)
    {
        var plan = new SoakPlan();
        foreach (var option in BenchOption.Read(args))
        {
            plan = option.Name switch
            {
                "--minutes" => plan with { Minutes = option.Number(4) },
                "--gateways" => plan with { Gateways = (int)option.Number(2) },
                "--rate" => plan with { Rate = option.Number(1) },
                "--commits" => plan with { Commits = option.Number(0.1) },
                _ => throw new BenchFailure($"{option.Name}: unknown; expected --minutes, --gateways, --rate or --commits"),
            };
        }

        return plan;
    }
}
