using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>
/// What must hold between the leases of claims and of nonces: the claim of an envelope outlives its process until its
/// nonce was taken over, at whatever age of the two the process ended. Else a resend finds no claim and pays again.
/// </summary>
internal static class LeaseRelation
{
    /// <summary>The longest lease of a nonce that its claims outlive.</summary>
    internal static TimeSpan MaxNonceLease(AppChainTransactionOptions transactions, IdempotencyOptions results) =>
        results.Lease - results.Renewal - results.StoreTimeout - transactions.RecoveryInterval - transactions.NonceStore.StoreTimeout;

    /// <summary>What is wrong, by the settings' names.</summary>
    internal static IEnumerable<string> Faults(AppChainTransactionOptions transactions, IdempotencyOptions results)
    {
        var (lease, longest) = (transactions.NonceStore.Lease, MaxNonceLease(transactions, results));
        if (lease < TimeSpan.FromSeconds(4) || lease > longest)
        {
            yield return "--app-chain.nonce-lease (XMTPD_APP_CHAIN_NONCE_LEASE): expected from 4s to "
                +
                    $"{Math.Max(4, Math.Floor(longest.TotalSeconds))}s: a claim is kept {results.Lease.TotalSeconds}s for a process " +
                    $"that is gone, "
                    +
                        $"and within that, less {results.Renewal.TotalSeconds + results.StoreTimeout.TotalSeconds}s between renewals, " +
                        $"its nonces must be taken over "
                        +
                            $"(AppChainTransactionOptions.RecoveryInterval {transactions.RecoveryInterval.TotalSeconds}s, " +
                            $"NonceStore.StoreTimeout {transactions.NonceStore.StoreTimeout.TotalSeconds}s)";
        }

        if (transactions.Heartbeat <= TimeSpan.Zero || transactions.Heartbeat * 3 > lease)
        {
            yield return $"AppChainTransactionOptions.Heartbeat: expected more than zero and at most a third of the nonce lease " +
                $"of {lease.TotalSeconds}s";
        }
    }
}
