using System.Globalization;

namespace Xmtp.Gateway.Bench.Hostile;

/// <summary>What a run under attack is told on its command line.</summary>
internal sealed record HostilePlan
{
    /// <summary>The gateway; null starts one, with 512 MiB of heap, that wants a token.</summary>
    public Uri? Url { get; init; }

    /// <summary>An image: the gateway is a container of it with 512 MiB; null for none.</summary>
    public string? Image { get; init; }

    /// <summary>The good caller's bearer token; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Hostile connections of each protocol.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>How long a round takes, in seconds.</summary>
    public double Seconds { get; init; } = 20;

    /// <summary>Rounds, each without and under attack; medians count.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>What the good caller publishes, in calls a second.</summary>
    public double Rate { get; init; } = 50;

    /// <summary>How long each hostile connection waits between two attacks.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether hostile connections claim addresses of their own: for a gateway that trusts this machine as a proxy.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>The p99 under attack over the undisturbed one that still counts as well; null for any.</summary>
    public double? MaxRatio { get; init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="BenchFailure">An argument is unknown, or is not a number.</exception>
    public static HostilePlan Read(string[] args)
    {
        var plan = new HostilePlan();
        for (var i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new BenchFailure($"{args[i - 1]}: a value is missing");
            double Number() =>
                double.TryParse(Value(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0
                    ? number
                    : throw new BenchFailure($"{args[i]}: expected a number above 0");
            plan = args[i] switch
            {
                "--url" =>
                    plan with
                    {
                        Url = Uri.TryCreate(Value(), UriKind.Absolute, out var url)
                            ? url
                            : throw new BenchFailure($"{args[i]}: expected a URL"),
                    },
                "--docker" => plan with { Image = Value() },
                "--token" => plan with { Token = Value() },
                "--connections" => plan with { Connections = (int)Number() },
                "--seconds" => plan with { Seconds = Number() },
                "--rounds" => plan with { Rounds = (int)Number() },
                "--rate" => plan with { Rate = Number() },
                "--pause-ms" => plan with { Pause = TimeSpan.FromMilliseconds(Number()) },
                "--max-ratio" => plan with { MaxRatio = Number() },
                "--forwarded" => plan with { IsForwarded = true },
                "--quick" => plan with { Seconds = 6, Rounds = 1 },
                _ =>
                    throw new BenchFailure(
                        $"{args[i]}: unknown; expected --url, --docker, --token, --connections, --seconds, --rounds, --rate, " +
                        $"--pause-ms, --max-ratio, --forwarded or --quick"),
            };
        }

        return plan;
    }
}
