namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>So many envelopes in so much time, refilled continuously: who used up 50 a minute has one again after 1.2 s.</summary>
/// <param name="Amount">How much is refilled in <paramref name="Per"/>: envelopes, or their <see cref="Weights"/>. 1 to 10,000,000.</param>
/// <param name="Per">1 ms to 7 days.</param>
public sealed record RateLimit(int Amount, TimeSpan Per)
{
    /// <summary>The largest amount, and the largest burst.</summary>
    public const int MaxAmount = 10_000_000;

    /// <summary>The longest <see cref="Per"/>.</summary>
    public static readonly TimeSpan MaxPer = TimeSpan.FromDays(7);

    /// <summary>
    /// The stock limit: 1,000 a minute for each client, where what goes to the App Chain weighs 10. A group of 250 can be
    /// made in one call (a commit, and welcomes to three installations of each member), and members can be added to it.
    /// </summary>
    public static RateLimit Stock { get; } = new(1000, TimeSpan.FromMinutes(1))
    {
        Weights = new LimitWeights { Commit = 10, IdentityUpdate = 10 },
    };

    /// <summary>
    /// How much a client that was quiet may use at once, 1 to 10,000,000; default <see cref="Amount"/>. A request above
    /// it is refused for good.
    /// </summary>
    public int? Burst { get; init; }

    /// <summary>Whose publishes count together; default each client's own.</summary>
    public LimitScope Scope { get; init; }

    /// <summary>What each kind takes; default 1 an envelope.</summary>
    public LimitWeights Weights { get; init; } = new();

    /// <summary>
    /// What a request takes, in place of <see cref="Weights"/>: by its bytes, its cost, anything. At least 0. Called
    /// from many requests at a time.
    /// </summary>
    public Func<PublishContext, long>? Weigh { get; init; }

    internal bool IsInBounds =>
        Amount is >= 1 and <= MaxAmount
            && Burst is null or >= 1 and <= MaxAmount
            && Per >= TimeSpan.FromMilliseconds(1)
            && Per <= MaxPer
            && Weights.AreInBounds;
}
