namespace Xmtp.Gateway.Costs.Funds;

/// <summary>How much a balance shrank within the last 24 hours, as readings show it. Deposits do not count against it.</summary>
/// <remarks>It sees what others spend from the same fund, such as other replicas. Bounded; its owner locks.</remarks>
internal sealed class DailyDecrease
{
    private static readonly TimeSpan RetentionPeriod = TimeSpan.FromHours(24);
    private const int MaxReadings = 2_000;

    private readonly Queue<(DateTimeOffset At, Int128 Amount)> decreases = new();
    private DateTimeOffset? since;
    private Int128 last;

    /// <param name="balance">What is there now.</param>
    /// <param name="at">When it was read.</param>
    /// <param name="takenOut">What of the last balance was taken out since and was not spent.</param>
    internal void Learn(Int128 balance, DateTimeOffset at, Int128 takenOut = default)
    {
        last -= takenOut;
        if (since is not null && balance < last) decreases.Enqueue((at, last - balance));
        (since, last) = (since ?? at, balance);
        while (decreases.Count > MaxReadings || (decreases.Count > 0 && at - decreases.Peek().At > RetentionPeriod)) decreases.Dequeue();
    }

    /// <summary>The sum, and how long it was watched: at most 24 hours.</summary>
    internal (Int128 Spent, TimeSpan Watched) Sum(DateTimeOffset at)
    {
        var watched = since is { } first && at > first ? at - first : TimeSpan.Zero;
        return (decreases.Aggregate(Int128.Zero, (sum, one) => sum + one.Amount), watched < RetentionPeriod ? watched : RetentionPeriod);
    }
}
