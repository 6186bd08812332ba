using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Asks the chain what became of a transaction: all that were signed for its nonce, and whoever else used the nonce.</summary>
internal sealed class FlightLookup(ChainAccount account, NonceUsers users, AppChainTransactionOptions options, AppChainMetrics metrics, TimeProvider time)
{
    /// <summary>The newest version, where an endpoint has it.</summary>
    internal Task<RpcResult<TransactionInfo?>> FindCurrentAsync(Flight flight, CancellationToken stopping) => account.Rpc.GetTransactionAsync(flight.Current.Hash, stopping);

    /// <summary>The receipt of whichever version has one. A question that was not answered concludes nothing: only endpoints that all say "unknown" do.</summary>
    internal async ValueTask<((FlightEnd, TransactionReceipt?)? Landed, bool IsConclusive)> FindReceiptAsync(Flight flight, CancellationToken stopping)
    {
        var isConclusive = true;
        foreach (var (hash, kind) in flight.Versions)
        {
            var answer = await account.Rpc.GetReceiptAsync(hash, stopping).ConfigureAwait(false);
            isConclusive &= answer.Error is null;
            if (answer.Value is not { } receipt) continue;
            if (kind == VersionKind.Payload && receipt is { Succeeded: true, Logs.Count: 0 } && !flight.TakesWithoutLogs(time, options.ReceiptPatience))
            {
                isConclusive = false;
                continue;
            }

            if (kind == VersionKind.Fill) metrics.Filled();
            return ((kind == VersionKind.Fill ? FlightEnd.NotLanded : receipt.Succeeded ? FlightEnd.Mined : FlightEnd.Reverted, receipt), true);
        }

        return (null, isConclusive);
    }

    /// <summary>Someone else's transaction at its nonce; null where it is not found, or is ours: then it has landed.</summary>
    internal async ValueTask<Bytes32?> OtherUserAsync(Flight flight, CancellationToken stopping)
    {
        if (await users.FindAsync(flight.Nonce, stopping).ConfigureAwait(false) is not { } hash) return null;
        if (flight.Versions.All(version => version.Hash != hash)) return hash;
        flight.Out(isKnown: true);
        return null;
    }

    /// <summary>Whether an endpoint has a version before the newest.</summary>
    internal async ValueTask<bool> IsEarlierKnownAsync(Flight flight, CancellationToken stopping)
    {
        foreach (var (hash, _) in flight.Versions)
        {
            if (hash != flight.Current.Hash && (await account.Rpc.GetTransactionAsync(hash, stopping).ConfigureAwait(false)).Value is not null) return true;
        }

        return false;
    }

    /// <summary>Whether an endpoint knows a version as mined, or does not answer: it has not told the receipt yet.</summary>
    internal async ValueTask<bool> MayStillLandAsync(Flight flight, CancellationToken stopping)
    {
        foreach (var (hash, _) in flight.Versions)
        {
            var answer = await account.Rpc.GetTransactionAsync(hash, stopping).ConfigureAwait(false);
            if (answer.Error is { Kind: RpcErrorKind.Transport or RpcErrorKind.RateLimited } || answer.Value is { BlockNumber: not null }) return true;
        }

        return false;
    }
}
