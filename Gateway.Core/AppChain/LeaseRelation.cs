using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>
/// The required relation between the leases of claims and nonces: when a process is lost, the claim of an envelope must
/// outlast the takeover of its nonce, whatever the age of the two leases. Otherwise a resend finds no claim and pays again.
/// </summary>
internal static class LeaseRelation
{
    /// <summary>The max nonce lease with which the claims still outlast the takeover.</summary>
    internal static TimeSpan MaxNonceLease(AppChainTransactionOptions transactions, IdempotencyOptions results) =>
        results.Lease - results.Renewal - results.StoreTimeout - transactions.RecoveryInterval - transactions.NonceStore.StoreTimeout;

    /// <summary>The faults, with the names of the settings.</summary>
    internal static IEnumerable<string> Faults(AppChainTransactionOptions transactions, IdempotencyOptions results)
    {
        var (lease, max) = (transactions.NonceStore.Lease, MaxNonceLease(transactions, results));
        if (lease < TimeSpan.FromSeconds(4) || lease > max)
        {
            yield return "--app-chain.nonce-lease (XMTPD_APP_CHAIN_NONCE_LEASE): expected from 4s to " +
                $"{Math.Max(4, Math.Floor(max.TotalSeconds))}s: a claim is kept {results.Lease.TotalSeconds}s for a process " +
                "that is gone, " +
                $"and within that, less {results.Renewal.TotalSeconds + results.StoreTimeout.TotalSeconds}s between renewals, " +
                "its nonces must be taken over " +
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
