namespace Xmtp.Gateway.Bench.Versus;

/// <summary>How long and how often everything is measured. Windows alternate between the servers, and medians count.</summary>
internal sealed record VersusTimes
{
    /// <summary>How often each program is started, after a start that does not count.</summary>
    public required int Starts { get; init; }

    /// <summary>Between the last start and what counts as rest.</summary>
    public required double SettleSeconds { get; init; }

    /// <summary>Without any call.</summary>
    public required double RestSeconds { get; init; }

    /// <summary>Rounds of 5 and 20 messages a second.</summary>
    public required int LightRounds { get; init; }

    /// <summary>How long each of these takes.</summary>
    public required double LightSeconds { get; init; }

    /// <summary>Load on each server before the figures of messages count.</summary>
    public required double WarmUpSeconds { get; init; }

    /// <summary>Rounds of each shape of messages.</summary>
    public required int Rounds { get; init; }

    /// <summary>How long each of these takes.</summary>
    public required double Seconds { get; init; }

    /// <summary>Rounds of each number of callers that commit.</summary>
    public required int CommitRounds { get; init; }

    /// <summary>How long each of these takes on a chain that mines at once.</summary>
    public required double AtOnceSeconds { get; init; }

    /// <summary>The same on a chain that mines each second.</summary>
    public required double EachSecondSeconds { get; init; }

    /// <summary>Commits before the figures of them count.</summary>
    public required double CommitWarmUpSeconds { get; init; }

    /// <summary>
    /// The numbers of callers that share a chain which mines at once: the longer the history of this Anvil is, the more it takes for
    /// a block.
    /// </summary>
    public required int[][] AtOnceChains { get; init; }

    /// <summary>About twenty minutes.</summary>
    public static VersusTimes Full { get; } = new()
    {
        Starts = 5,
        SettleSeconds = 10,
        RestSeconds = 60,
        LightRounds = 3,
        LightSeconds = 10,
        WarmUpSeconds = 16,
        Rounds = 5,
        Seconds = 4,
        CommitRounds = 4,
        AtOnceSeconds = 4,
        EachSecondSeconds = 8,
        CommitWarmUpSeconds = 3,
        AtOnceChains = [[1], [16], [32]],
    };

    /// <summary>Less than three minutes: whether all of it runs, and how the figures stand within a third or so.</summary>
    public static VersusTimes Quick { get; } = new()
    {
        Starts = 2,
        SettleSeconds = 2,
        RestSeconds = 8,
        LightRounds = 1,
        LightSeconds = 2.5,
        WarmUpSeconds = 3,
        Rounds = 1,
        Seconds = 1.25,
        CommitRounds = 1,
        AtOnceSeconds = 1.5,
        EachSecondSeconds = 3,
        CommitWarmUpSeconds = 1.5,
        AtOnceChains = [[1, 16, 32]],
    };
}
