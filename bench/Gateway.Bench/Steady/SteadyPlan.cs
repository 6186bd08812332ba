using System.Globalization;

namespace Xmtp.Gateway.Bench.Steady;

/// <summary>What a run of steady publishing is told on its command line.</summary>
internal sealed record SteadyPlan
{
    /// <summary>Where clients publish: a gateway, or the proxy in front of several.</summary>
    public required Uri Url { get; init; }

    /// <summary>The chain, over http: what was published is looked for there at the end.</summary>
    public required Uri Chain { get; init; }

    /// <summary>Publishes a second; every second one is a commit, which goes to the App Chain.</summary>
    public double Rate { get; init; } = 25;

    /// <summary>How long, in seconds.</summary>
    public double Seconds { get; init; } = 60;

    /// <summary>A file that ends it sooner, once it is there; null for none.</summary>
    public string? Until { get; init; }

    /// <summary>
    /// How often the calls in flight may fail, as they do when a gateway is killed; each is sent again until it is answered.
    /// </summary>
    public int MaxInterruptions { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="BenchFailure">An argument is unknown, missing, or no number.</exception>
    public static SteadyPlan Read(string[] args)
    {
        Uri? url = null, chain = null;
        var plan = new SteadyPlan { Url = null!, Chain = null! };
        for (var i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new BenchFailure($"{args[i - 1]}: a value is missing");
            Uri Address() =>
                Uri.TryCreate(Value(), UriKind.Absolute, out var address) ? address : throw new BenchFailure($"{args[i]}: expected a URL");
            double Number() =>
                double.TryParse(Value(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= 0
                    ? number
                    : throw new BenchFailure($"{args[i]}: expected a number");
            switch (args[i])
            {
                case "--url": url = Address(); break;
                case "--chain": chain = Address(); break;
                case "--rate": plan = plan with { Rate = Number() }; break;
                case "--seconds": plan = plan with { Seconds = Number() }; break;
                case "--until": plan = plan with { Until = Value() }; break;
                case "--max-interruptions": plan = plan with { MaxInterruptions = (int)Number() }; break;
                default:
                    throw new BenchFailure(
                        $"{args[i]}: unknown; expected --url, --chain, --rate, --seconds, --until or --max-interruptions");
            }
        }

        return plan with
        {
            Url = url ?? throw new BenchFailure("--url: it is missing; expected where clients publish"),
            Chain = chain ?? throw new BenchFailure("--chain: it is missing; expected the chain's JSON-RPC over http"),
        };
    }
}
