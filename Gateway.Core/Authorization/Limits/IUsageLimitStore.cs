namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Where limits and budgets are counted: in memory for a gateway that is alone, in Redis for replicas.</summary>
/// <remarks>Called from many requests at a time. The store's own clock decides.</remarks>
internal interface IUsageLimitStore
{
    /// <summary>Takes all the charges in one step, or none of them. Charges of one call have different keys.</summary>
    ValueTask<UsageLimitResult> TakeAsync(IReadOnlyList<UsageLimitCharge> charges, CancellationToken cancellationToken);

    /// <summary>
    /// Gives back what was taken: to a bucket up to its capacity, to a sum down to zero, and only while the day or month
    /// runs in which it was taken. Asked for before this returns, so that whoever asks next finds it.
    /// </summary>
    /// <param name="charges">What is given back; costs up to those that were taken.</param>
    /// <param name="takenAt"><see cref="UsageLimitResult.At"/>.</param>
    /// <returns>Whether the store did it.</returns>
    ValueTask<bool> GiveBackAsync(IReadOnlyList<UsageLimitCharge> charges, long takenAt);

    /// <summary>
    /// Adds to what sums count in their running window, or takes off, down to zero. Costs may be negative, or above the
    /// capacity.
    /// </summary>
    /// <returns>Whether the store did it.</returns>
    ValueTask<bool> CorrectAsync(IReadOnlyList<UsageLimitCharge> corrections, CancellationToken cancellationToken);

    /// <summary>
    /// Lets sums count at least so much in their running window; what counts more already stays. Saying it twice, or
    /// from two replicas, is saying it once.
    /// </summary>
    /// <returns>Whether the store did it.</returns>
    ValueTask<bool> RaiseAsync(IReadOnlyList<UsageLimitCharge> atLeast, CancellationToken cancellationToken);
}
