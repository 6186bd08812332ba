using System.Security.Cryptography;
using System.Text;
using Xmtp.Gateway.Bench.Authorize;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>How an identity publishes.</summary>
internal enum ChaosHabit
{
    /// <summary>Evenly, below its rate limit and its budget.</summary>
    Steady,

    /// <summary>Many envelopes at once, more than its rate limit allows; it sends the refused ones again.</summary>
    Bursts,

    /// <summary>Large messages until its budget is spent, and then in vain.</summary>
    Spends,
}

/// <summary>Who publishes: a user with a token, a rate limit and a budget of its own, that belongs to a payer.</summary>
/// <param name="Name">The user that the token names.</param>
/// <param name="Token">The bearer token.</param>
/// <param name="Habit">How it publishes.</param>
/// <param name="Payer">Who pays for it.</param>
internal sealed record ChaosIdentity(string Name, string Token, ChaosHabit Habit, ChaosPayer Payer)
{
    private const int HashBytes = 16;

    /// <summary>What the keys of its limits and budgets in Redis end with.</summary>
    public string StoreKey { get; } =
        $"jwt:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Hashed(Name, Payer))).AsSpan(0, HashBytes))}";

    public override string ToString() => Name;

    private static string Hashed(string name, ChaosPayer payer) => $"jwt\0{name}{(payer.Name.Length > 0 ? "\0" + payer.Name : "")}";
}

/// <summary>The identities of a run, and what each of them may do.</summary>
internal sealed class ChaosIdentities
{
    /// <summary>How many envelopes an identity may publish at once.</summary>
    public const int Burst = 20;

    /// <summary>How many more it may publish each second.</summary>
    public const int PerSecond = 8;

    /// <summary>How many envelopes are sent at once by who sends bursts.</summary>
    public const int BurstSent = 2 * Burst;

    /// <summary>The size of the messages of who spends its budget, in bytes.</summary>
    public const int LargeSize = 65_536;

    /// <summary>How many topics each steady identity has, in each of which it publishes one commit after the other.</summary>
    public const int TopicsOfEach = 2;

    private const int SteadyCount = 7;
    private const int Period = 30;

    // What a small message or a commit costs at most by the local network's rates and this coin price, in picodollars, and
    // how often a failed attempt may leave its charge behind.
    private const long SmallPrice = 30_000_000;
    private const long ChargesOfEach = 8;
    private const int MicrodollarsOfCoin = 1_000;
    private const long MinBudget = 30_000_000_000;
    private const long PicodollarsInDollar = 1_000_000_000_000;

    private ChaosIdentities(
        IReadOnlyList<BenchToken> tokens, IReadOnlyList<string> names, IReadOnlyList<ChaosPayer> payers, ChaosPlan plan)
    {
        All = [.. names.Select((name, i) => new ChaosIdentity(name, tokens[i].Text, HabitOf(i), payers[i]))];
        var published = ((plan.Rate / SteadyCount) + (plan.Payers > 0 ? TopicsOfEach : 0)) * plan.Expected.TotalSeconds;
        // Whole microdollars, as a budget is written.
        Budget = (long)Math.Max(MinBudget, published * SmallPrice * ChargesOfEach) / 1_000_000 * 1_000_000;
        Flags =
        [
            .. tokens[0].Flags,
            FormattableString.Invariant($"--limits={PerSecond * Period}/{Period}s burst={Burst}"),
            FormattableString.Invariant($"--budgets={Budget / (decimal)PicodollarsInDollar:0.000000}/month"),
            FormattableString.Invariant($"--costs.gas-coin-price={MicrodollarsOfCoin}"),
            "--costs.trailer",
        ];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<ChaosIdentity> All { get; }

    /// <summary>What each may spend in the run, in picodollars.</summary>
    public long Budget { get; }

    /// <summary>The flags of a gateway that knows them.</summary>
    public IReadOnlyList<string> Flags { get; }

    /// <summary>Those of a habit.</summary>
    public IReadOnlyList<ChaosIdentity> Of(ChaosHabit habit) => [.. All.Where(identity => identity.Habit == habit)];

    /// <summary>Creates them; the payers have them in turn.</summary>
    public static ChaosIdentities Create(ChaosPlan plan, ChaosPayers payers)
    {
        string[] names = [.. Enumerable.Range(1, SteadyCount).Select(i => $"steady-{i}"), "bursts", "spends"];
        ChaosPayer[] paying = [.. names.Select((_, i) => payers.All[i % payers.All.Count])];
        var tokens = plan.Payers == 0
            ? BenchToken.Create(names)
            : BenchToken.Create(names, [.. paying.Select(payer => (ChaosPayers.Claim, payer.Name))]);
        return new ChaosIdentities(tokens, names, paying, plan);
    }

    private static ChaosHabit HabitOf(int index) =>
        index < SteadyCount ? ChaosHabit.Steady : index == SteadyCount ? ChaosHabit.Bursts : ChaosHabit.Spends;
}
