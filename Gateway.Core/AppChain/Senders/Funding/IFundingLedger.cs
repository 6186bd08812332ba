using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>
/// Counts what a payer transferred to its senders in a day, and lets one replica at a time transfer: one record for all replicas of a
/// payer. Thread-safe.
/// </summary>
/// <remarks>
/// Each operation is atomic and uses the store's clock, whose days (UTC) count. An amount is counted before its transfer is sent, so a
/// process that is lost in between has spent it. Amounts are in gwei.
/// </remarks>
internal interface IFundingLedger
{
    /// <summary>What was spent today; null when the store does not answer.</summary>
    ValueTask<ulong?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Begins or renews the lease of a replica.</summary>
    /// <returns>Done, Busy or Unavailable.</returns>
    ValueTask<FundingStatus> TakeAsync(string owner, CancellationToken cancellationToken);

    /// <summary>Counts an amount as spent today, and renews the lease.</summary>
    /// <param name="request">The amount.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<FundingGrant> SpendAsync(FundingRequest request, CancellationToken cancellationToken);

    /// <summary>Refunds an amount of which nothing was sent.</summary>
    /// <param name="grant">The amount as it was granted.</param>
    /// <param name="sender">The sender.</param>
    /// <returns>False when the store did not answer: then the amount stays spent.</returns>
    ValueTask<bool> RefundAsync(FundingGrant grant, EthereumAddress sender);

    /// <summary>Ends the lease of a replica. Without an answer it ends by itself.</summary>
    ValueTask ReleaseAsync(string owner);
}

/// <summary>An amount that a replica wants to transfer.</summary>
/// <param name="Owner">The replica, which has the lease.</param>
/// <param name="Sender">The sender.</param>
/// <param name="Amount">How much it lacks.</param>
/// <param name="MinAmount">The min amount that is worth a transfer.</param>
/// <param name="MaxPerDay">The most of a day.</param>
internal sealed record FundingRequest(string Owner, EthereumAddress Sender, ulong Amount, ulong MinAmount, ulong MaxPerDay);

/// <summary>What was granted.</summary>
/// <param name="Status">Done, Busy, Capped, Recent or Unavailable.</param>
/// <param name="Amount">The amount, if done: what was asked for, or what is left of the day.</param>
/// <param name="Spent">What is spent today, with this amount; zero without an answer.</param>
/// <param name="Day">The day that it is counted in.</param>
internal sealed record FundingGrant(FundingStatus Status, ulong Amount, ulong Spent, long Day)
{
    /// <summary>The store did not answer: the amount may be counted, and nothing may be sent.</summary>
    internal static FundingGrant Unavailable { get; } = new(FundingStatus.Unavailable, 0, 0, 0);
}

/// <summary>What became of a request.</summary>
internal enum FundingStatus
{
    /// <summary>It is granted.</summary>
    Done,

    /// <summary>Another replica has the lease.</summary>
    Busy,

    /// <summary>Less is left of the day than is worth a transfer.</summary>
    Capped,

    /// <summary>The sender got gas a moment ago, which an endpoint that lags may not show yet.</summary>
    Recent,

    /// <summary>The store did not answer.</summary>
    Unavailable,
}
