namespace Xmtp.Gateway.Costs.Funds;

/// <summary>The level of a fund.</summary>
internal enum FundLevel
{
    /// <summary>Sufficient.</summary>
    Good,

    /// <summary>A deposit is needed soon.</summary>
    Warning,

    /// <summary>A deposit is needed now.</summary>
    Critical,

    /// <summary>Nothing can be paid from it.</summary>
    Empty,
}

/// <summary>A fund, its spend, and how long it lasts.</summary>
/// <param name="Balance">The balance: microdollars of the payer registry, which may be below zero, or wei.</param>
/// <param name="SpendPerDay">
/// The spend per day, in the same unit: of the last 24 hours, or of the period covered, scaled up.
/// </param>
/// <param name="RunwayHours">The number of whole hours that it lasts; 0 for an empty fund, null while nothing is spent.</param>
/// <param name="Level">Its level.</param>
internal sealed record FundState(Int128 Balance, Int128 SpendPerDay, long? RunwayHours, FundLevel Level)
{
    // A shorter period is too short to scale up.
    private static readonly TimeSpan MinPeriod = TimeSpan.FromHours(1);

    /// <summary>Determines the state of a fund.</summary>
    /// <param name="balance">The balance.</param>
    /// <param name="spent">The spend in the period covered.</param>
    /// <param name="watched">That period, at most 24 hours.</param>
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
