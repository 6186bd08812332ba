namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Counts limits and budgets: in memory for a gateway with one replica, in Redis for several.</summary>
/// <remarks>Called from many requests concurrently. Uses the store's own clock.</remarks>
internal interface IUsageLimitStore
{
    /// <summary>Takes all the charges atomically, or none of them. The charges of one call must have different keys.</summary>
    ValueTask<UsageLimitResult> TakeAsync(IReadOnlyList<UsageLimitCharge> charges, CancellationToken cancellationToken);

    /// <summary>
    /// Refunds charges: to a bucket up to its capacity, to a sum down to zero, and only within the day or month in
    /// which they were taken. The call is sent before this returns, so that later calls find the refund.
    /// </summary>
    /// <param name="charges">What to refund; costs up to those that were taken.</param>
    /// <param name="takenAt"><see cref="UsageLimitResult.At"/>.</param>
    /// <returns>Whether the store did it.</returns>
    ValueTask<bool> RefundAsync(IReadOnlyList<UsageLimitCharge> charges, long takenAt);

    /// <summary>
    /// Adds to the sums of the current window, or subtracts from them, down to zero. Costs may be negative, or above
    /// the capacity.
    /// </summary>
    /// <returns>Whether the store did it.</returns>
    ValueTask<bool> CorrectAsync(IReadOnlyList<UsageLimitCharge> corrections, CancellationToken cancellationToken);

    /// <summary>
    /// Raises sums of the current window to at least the given costs; larger sums stay. Idempotent, also when several
    /// replicas call it.
    /// </summary>
    /// <returns>Whether the store did it.</returns>
    ValueTask<bool> RaiseAsync(IReadOnlyList<UsageLimitCharge> atLeast, CancellationToken cancellationToken);

    /// <summary>Reads the sums of the current window, in the order of the budgets. Changes nothing.</summary>
    /// <returns>Null when the store did not answer.</returns>
    ValueTask<IReadOnlyList<long>?> ReadSumsAsync(
        IReadOnlyList<(SpendCounter Budget, string Key)> budgets, CancellationToken cancellationToken);
}
