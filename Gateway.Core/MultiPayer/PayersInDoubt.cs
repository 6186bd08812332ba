using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.AppChain.InFlight;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Finds the payers whose transactions, or their senders', are in doubt in Redis; none without Redis.</summary>
internal sealed class PayersInDoubt(
    AccountsInFlight inFlight,
    RedisConnection connection,
    IOptions<RedisOptions> redis,
    IOptions<ContractsOptions> contracts,
    IOptions<AppChainTransactionOptions> options,
    TimeProvider time)
{
    private const int MaxAtOnce = 200;

    /// <summary>Finds them in one round trip.</summary>
    /// <param name="payers">The payers to look at.</param>
    /// <param name="isLost">Whether only transactions count that no process sends any more.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when Redis does not answer.</returns>
    internal async ValueTask<IReadOnlyList<Payer>?> FindAsync(
        IReadOnlyList<Payer> payers, bool isLost, CancellationToken cancellationToken)
    {
        if (!redis.Value.IsConfigured || payers.Count == 0) return [];
        var found = await FindAsync([.. payers.SelectMany(AccountsOf)], isLost, cancellationToken).ConfigureAwait(false);
        return found is null ? null : [.. payers.Where(payer => AccountsOf(payer).Any(found.Contains))];
    }

    /// <summary>
    /// Finds those whose transactions no process sends any more. They count as having some in flight lately, so that they are looked at
    /// again soon where they cannot be started.
    /// </summary>
    /// <returns>Null when Redis does not answer.</returns>
    internal async ValueTask<IReadOnlyList<Payer>?> FindLostAsync(IReadOnlyList<Payer> payers, CancellationToken cancellationToken)
    {
        var lost = await FindAsync(payers, isLost: true, cancellationToken).ConfigureAwait(false);
        foreach (var account in lost?.SelectMany(AccountsOf) ?? []) inFlight.Enter(account);
        return lost;
    }

    /// <summary>
    /// Finds those whose transactions no process sends any more, among the payers that had some in flight lately
    /// (<see cref="AccountsInFlight"/>), and takes out of that record who has had none for long.
    /// </summary>
    /// <returns>Null when Redis does not answer.</returns>
    internal async ValueTask<IReadOnlyList<Payer>?> FindLostLatelyAsync(IReadOnlyList<Payer> payers, CancellationToken cancellationToken)
    {
        if (await inFlight.ListAsync(cancellationToken).ConfigureAwait(false) is not { } entered) return null;
        var accounts = entered.Select(one => one.Address).ToHashSet();
        var lost = await FindAsync(
            [.. payers.Where(payer => AccountsOf(payer).Any(accounts.Contains))], isLost: true, cancellationToken).ConfigureAwait(false);
        List<AccountInFlight> old = [.. entered.Where(one => one.Age > AccountsInFlight.Kept)];
        if (old.Count == 0) return lost;
        var inDoubt = await FindAsync([.. old.Select(one => one.Address)], isLost: false, cancellationToken).ConfigureAwait(false);
        if (inDoubt is null) return lost;
        old.RemoveAll(one => inDoubt.Contains(one.Address));
        if (old.Count > 0) await inFlight.LeaveAsync(old, cancellationToken).ConfigureAwait(false);
        return lost;
    }

    /// <summary>Whether a payer has transactions in doubt; true also while Redis does not answer.</summary>
    internal async ValueTask<bool> MayHaveAsync(Payer payer, CancellationToken cancellationToken) =>
        await FindAsync([payer], isLost: false, cancellationToken).ConfigureAwait(false) is not { Count: 0 };

    private async ValueTask<HashSet<EthereumAddress>?> FindAsync(
        IReadOnlyList<EthereumAddress> accounts, bool isLost, CancellationToken cancellationToken)
    {
        var chain = contracts.Value.AppChain.ChainId;
        try
        {
            var store = await connection.DatabaseAsync().ConfigureAwait(false);
            var isCluster = store.Multiplexer.GetServers().Any(server => server.ServerType == ServerType.Cluster);
            var found = await Task.WhenAll(accounts.Chunk(isCluster ? 1 : MaxAtOnce).Select(async some =>
            {
                var places = await RedisNonceStore.FindInDoubtAsync(
                    store,
                    redis.Value.KeyPrefix,
                    [.. some.Select(one => new NonceStream(chain, one))],
                    isLost,
                    options.Value.NonceStore.StoreTimeout,
                    time,
                    cancellationToken).ConfigureAwait(false);
                return places.Select(place => some[place]);
            })).ConfigureAwait(false);
            return [.. found.SelectMany(some => some)];
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            return null;
        }
    }

    private static IEnumerable<EthereumAddress> AccountsOf(Payer payer) => payer.Senders.Prepend(payer.Address);
}
