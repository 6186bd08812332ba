namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>The levels in force, which a changed payers file replaces. Thread-safe.</summary>
/// <param name="levels">The levels; null where the payer transfers nothing.</param>
internal sealed class FundingSetting(FundingLevels? levels)
{
    private volatile FundingLevels? _levels = levels;

    /// <summary>The levels; null where the payer transfers nothing.</summary>
    internal FundingLevels? Levels => _levels;

    /// <summary>Replaces the levels.</summary>
    internal void Use(FundingLevels? levels) => _levels = levels;
}
