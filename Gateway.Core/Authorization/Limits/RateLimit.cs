namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// A rate limit, refilled continuously: a client that used up 50 per minute has one again after 1.2 s.
/// </summary>
/// <param name="Amount">
/// The amount refilled in <paramref name="Per"/>: envelopes, or their <see cref="Weights"/>. 1 to 10,000,000.
/// </param>
/// <param name="Per">The period: 1 ms to 7 days.</param>
public sealed record RateLimit(int Amount, TimeSpan Per)
{
    /// <summary>The max amount, and the max burst.</summary>
    public const int MaxAmount = 10_000_000;

    /// <summary>The max <see cref="Per"/>.</summary>
    public static readonly TimeSpan MaxPer = TimeSpan.FromDays(7);

    /// <summary>
    /// The stock limit: 1,000 per minute for each client, where an envelope for the App Chain weighs 10. With it, a
    /// group of 250 can be created in one call (a commit, and welcomes to three installations of each member), and
    /// members can be added.
    /// </summary>
    public static RateLimit Stock { get; } = new(1000, TimeSpan.FromMinutes(1))
    {
        Weights = new LimitWeights { Commit = 10, IdentityUpdate = 10 },
    };

    /// <summary>
    /// The max amount that a client can use at once, 1 to 10,000,000; default <see cref="Amount"/>. A request above
    /// it is always refused.
    /// </summary>
    public int? Burst { get; init; }

    /// <summary>Which publishes count together; default those of each client.</summary>
    public LimitScope Scope { get; init; }

    /// <summary>The amount that each kind takes; default 1 per envelope.</summary>
    public LimitWeights Weights { get; init; } = new();

    /// <summary>
    /// The amount that a request takes, instead of <see cref="Weights"/>: by its bytes, its cost, or anything else. At
    /// least 0. Called from many requests concurrently.
    /// </summary>
    public Func<PublishContext, long>? Weigh { get; init; }

    internal bool IsInBounds =>
        Amount is >= 1 and <= MaxAmount
            && Burst is null or >= 1 and <= MaxAmount
            && Per >= TimeSpan.FromMilliseconds(1)
            && Per <= MaxPer
            && Weights.AreInBounds;
}
