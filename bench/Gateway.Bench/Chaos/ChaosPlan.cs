namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>The arguments of a run under faults.</summary>
internal sealed record ChaosPlan
{
    /// <summary>Decides which faults come when; the same seed gives the same schedule.</summary>
    public required int Seed { get; init; }

    /// <summary>How long faults are injected, in minutes; more than 0.</summary>
    public double Minutes { get; init; } = 2;

    /// <summary>How many publishes have to be answered before the faults end; null to inject them for the minutes instead.</summary>
    public int? Publishes { get; init; }

    /// <summary>Publishes a second; every second one is a commit, which goes to the App Chain.</summary>
    public double Rate { get; init; } = 20;

    /// <summary>The number of gateways, at least 1.</summary>
    public int Gateways { get; init; } = 3;

    /// <summary>How long the faults last if every publish is answered at once.</summary>
    public TimeSpan Expected => Publishes is { } publishes ? TimeSpan.FromSeconds(publishes / Rate) : TimeSpan.FromMinutes(Minutes);

    /// <summary>The max duration of the faults: one that waits for answers does not wait forever.</summary>
    public TimeSpan MaxDuration => Publishes is null ? Expected : TimeSpan.FromMinutes(2) + (3 * Expected);

    /// <summary>The names of the faults to inject; empty for all that are on by default.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>How Redis is set up.</summary>
    public ChaosRedisKind Redis { get; init; }

    /// <summary>
    /// How far the clock of the last gateway is ahead of the others', negative where it is behind; null for a minute, which
    /// the seed makes ahead or behind.
    /// </summary>
    public TimeSpan? Clock { get; init; }

    /// <summary>
    /// The number of nodes that are a process each, number and sign what they get, and keep nothing; 0 for nodes of the local
    /// network.
    /// </summary>
    public int PlainNodes { get; init; }

    /// <summary>Whether gateways tell what is on their managed heaps.</summary>
    public bool TellsMemory { get; init; }

    /// <summary>How many payers the payers file has; 0 for one payer without a payers file.</summary>
    public int Payers { get; init; }

    /// <summary>How many senders the first of these payers has; 0 where it sends its commits itself.</summary>
    public int Senders { get; init; }

    /// <summary>The flags of the gateways' rules; null for those of the <see cref="ChaosIdentities"/>.</summary>
    public IReadOnlyList<string>? Rules { get; init; }

    /// <summary>More flags of the gateways.</summary>
    public IReadOnlyList<string> GatewayFlags { get; init; } = [];

    /// <summary>The folder that the logs of gateways and watchers are written to; null for none.</summary>
    public string? Logs { get; init; }

    /// <summary>How far the clock of a gateway is ahead of the others': that of the last one, where there are several.</summary>
    public TimeSpan ClockOf(int gateway) => gateway == 0 || gateway < Gateways - 1 || ChaosClock.Library is null
        ? TimeSpan.Zero
        : Clock ?? TimeSpan.FromMinutes(Seed % 2 == 0 ? 1 : -1);

    /// <summary>
    /// The <c>xmtp-gateway.dll</c> of another build, which takes the same flags: the gateways begin with it, and the fault
    /// <c>gateway-upgrade</c> replaces one by the other; null for none.
    /// </summary>
    public string? Other { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="BenchFailure">An argument is unknown, missing or no number.</exception>
    public static ChaosPlan Read(string[] args)
    {
        var plan = new ChaosPlan { Seed = Random.Shared.Next(1, 1_000_000) };
        foreach (var option in BenchOption.Read(args))
        {
            plan = option.Name switch
            {
                "--seed" => plan with { Seed = (int)option.Number(0) },
                "--minutes" => plan with { Minutes = option.Number(0.1) },
                "--publishes" => plan with { Publishes = (int)option.Number(1) },
                "--rate" => plan with { Rate = option.Number(1) },
                "--gateways" => plan with { Gateways = (int)option.Number(1) },
                "--faults" => plan with { Faults = Known(option.Value.Split(',')) },
                "--redis" => plan with
                {
                    Redis = Enum.TryParse<ChaosRedisKind>(option.Value, ignoreCase: true, out var kind) && Enum.IsDefined(kind)
                        ? kind
                        : throw new BenchFailure($"--redis: '{option.Value}' is unknown; expected alone, sentinel or cluster"),
                },
                "--logs" => plan with { Logs = Directory.CreateDirectory(option.Value).FullName },
                "--payers" => plan with { Payers = (int)option.Number(1) },
                "--senders" => plan with { Senders = (int)option.Number(1) },
                "--clock" => plan with { Clock = TimeSpan.FromSeconds(option.Number(int.MinValue)) },
                "--gateway-flags" => plan with { GatewayFlags = option.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
                "--other" => plan with
                {
                    Other = File.Exists(option.Value)
                        ? Path.GetFullPath(option.Value)
                        : throw new BenchFailure("--other: expected the xmtp-gateway.dll of another build"),
                },
                _ => throw new BenchFailure(
                    $"{option.Name}: unknown; expected --seed, --minutes, --publishes, --rate, --gateways, --faults, --redis, --payers, " +
                    "--senders, --clock, --logs, --other or --gateway-flags"),
            };
        }

        return plan.Senders == 0 || plan.Payers > 0
            ? plan
            : throw new BenchFailure("--senders: only with --payers, whose first one has them");
    }

    private static string[] Known(string[] names)
    {
        var all = ChaosFault.All.Select(fault => fault.Name).ToList();
        return names.Except(all).FirstOrDefault() is { } other
            ? throw new BenchFailure($"--faults: '{other}' is unknown; expected some of {string.Join(", ", all)}")
            : names;
    }
}
