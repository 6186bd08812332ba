using Xmtp.Gateway.Costs.Spending;

namespace Xmtp.Gateway.Costs.Usage;

/// <summary>
/// Keeps what identities used: <see cref="SpendLedger.KeptDays"/> days, of each the <see cref="SpendLedger.KeptIdentities"/>
/// identities that spent the most; the others are one entry. In memory, or in Redis for all replicas together.
/// </summary>
internal interface IUsageStore
{
    /// <summary>Since when it has counted; null for a store that survives restarts.</summary>
    DateTimeOffset? Since { get; }

    /// <summary>Adds a batch. A batch that is given again after false is added once.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="number">Ascending by batch within this process, and equal when the batch is given again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was added.</returns>
    ValueTask<bool> AddAsync(UsageBatch batch, long number, CancellationToken cancellationToken);

    /// <summary>Reads the identities of a day; null when the store does not answer.</summary>
    ValueTask<IReadOnlyDictionary<string, UsageFigures>?> ReadAsync(DateOnly day, CancellationToken cancellationToken);

    /// <summary>Reads the sums of all days; null when the store does not answer.</summary>
    ValueTask<IReadOnlyDictionary<DateOnly, UsageFigures>?> ReadTotalsAsync(CancellationToken cancellationToken);
}
