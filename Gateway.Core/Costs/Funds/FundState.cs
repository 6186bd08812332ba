namespace Xmtp.Gateway.Costs.Funds;

/// <summary>How a fund stands.</summary>
internal enum FundLevel
{
    /// <summary>Enough.</summary>
    Good,

    /// <summary>Fill it soon.</summary>
    Warning,

    /// <summary>Fill it now.</summary>
    Critical,

    /// <summary>Nothing can be paid from it.</summary>
    Empty,
}

/// <summary>A fund, its use, and how long it lasts.</summary>
/// <param name="Balance">What is in it: microdollars of the payer registry, which may be below zero, or wei.</param>
/// <param name="SpendPerDay">What a day takes, in the same unit: the last 24 hours, or as much of them as was watched, scaled up.</param>
/// <param name="RunwayHours">How many whole hours that lasts; 0 for an empty fund, null while nothing is spent.</param>
/// <param name="Level">How it stands.</param>
internal sealed record FundState(Int128 Balance, Int128 SpendPerDay, long? RunwayHours, FundLevel Level)
{
    // Less is too little to scale up.
    private static readonly TimeSpan MinPeriod = TimeSpan.FromHours(1);

    /// <summary>Judges a fund.</summary>
    /// <param name="balance">What is in it.</param>
    /// <param name="spent">What was spent in the time watched.</param>
    /// <param name="watched">That time, at most 24 hours.</param>
    /// <param name="warning">The balance below which it is a warning.</param>
    /// <param name="critical">The balance below which it is critical.</param>
    /// <param name="options">The bounds of the runway.</param>
    internal static FundState Of(Int128 balance, Int128 spent, TimeSpan watched, Int128 warning, Int128 critical, FundsOptions options)
    {
        var seconds = (long)(watched < MinPeriod ? MinPeriod : watched).TotalSeconds;
        var spendPerDay = spent * 86_400 / seconds;
        long? runway = balance <= 0 ? 0 : spendPerDay <= 0 ? null : (long)Int128.Min(balance * 24 / spendPerDay, long.MaxValue);
        var level = balance <= 0 ? FundLevel.Empty
            : balance < critical || runway < options.RunwayCritical.TotalHours ? FundLevel.Critical
            : balance < warning || runway < options.RunwayWarning.TotalHours ? FundLevel.Warning
            : FundLevel.Good;
        return new FundState(balance, spendPerDay, runway, level);
    }
}
