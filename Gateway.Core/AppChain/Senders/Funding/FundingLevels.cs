namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>How a payer keeps up the gas of its senders. Amounts in gwei of the App Chain's coin.</summary>
/// <param name="Below">The balance below which a sender gets gas.</param>
/// <param name="To">The balance up to which it gets gas; more than <paramref name="Below"/>.</param>
/// <param name="MaxPerDay">The most that all senders together get in a day (UTC); at least the difference of both.</param>
internal sealed record FundingLevels(ulong Below, ulong To, ulong MaxPerDay)
{
    /// <summary>The wei of a gwei.</summary>
    internal const ulong WeiOfGwei = 1_000_000_000;

    /// <summary>The least that is transferred at once: what lifts a sender that is just below the level.</summary>
    internal ulong MinAmount => To - Below;
}
