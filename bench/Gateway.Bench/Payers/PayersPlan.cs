namespace Xmtp.Gateway.Bench.Payers;

/// <summary>What <c>payers</c> measures, and for how long.</summary>
internal sealed record PayersPlan
{
    /// <summary>How many payers the file has.</summary>
    public int Payers { get; init; } = 10_000;

    /// <summary>How many of them publish.</summary>
    public int Active { get; init; } = 100;

    /// <summary>How many messages each of these publishes; one payer alone publishes as many as all of them.</summary>
    public int Messages { get; init; } = 20;

    /// <summary>How long a gateway is left alone before its memory is read, in seconds.</summary>
    public double SettleSeconds { get; init; } = 20;

    /// <summary>How long its rest is measured, in seconds.</summary>
    public double RestSeconds { get; init; } = 60;

    /// <summary>How often a payer is chosen.</summary>
    public int Choices { get; init; } = 1_000_000;

    /// <summary>Whether an object is printed instead of a table.</summary>
    public bool IsJson { get; init; }

    /// <summary>Reads it from a command line.</summary>
    /// <exception cref="BenchFailure">An argument is unknown, or its value is missing or none.</exception>
    public static PayersPlan Read(string[] args)
    {
        var plan = new PayersPlan();
        foreach (var option in BenchOption.Read(args, "--quick", "--json"))
        {
            plan = option.Name switch
            {
                "--quick" => plan with { Payers = 1_000, Messages = 5, SettleSeconds = 5, RestSeconds = 15, Choices = 200_000 },
                "--json" => plan with { IsJson = true },
                "--payers" => plan with { Payers = (int)option.Number(1) },
                "--active" => plan with { Active = (int)option.Number(1) },
                _ => throw new BenchFailure($"{option.Name}: unknown; expected --quick, --json, --payers or --active"),
            };
        }

        return plan with { Active = Math.Min(plan.Active, plan.Payers) };
    }
}
