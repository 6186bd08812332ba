using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Finds the payers whose transactions, or their senders', are in doubt in Redis; none without Redis.</summary>
internal sealed class PayersInDoubt(
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
        var chain = contracts.Value.AppChain.ChainId;
        List<(Payer Payer, NonceStream Stream)> accounts =
            [.. payers.SelectMany(payer => payer.Senders.Prepend(payer.Address).Select(one => (payer, new NonceStream(chain, one))))];
        try
        {
            var store = await connection.DatabaseAsync().ConfigureAwait(false);
            var isCluster = store.Multiplexer.GetServers().Any(server => server.ServerType == ServerType.Cluster);
            var found = await Task.WhenAll(accounts.Chunk(isCluster ? 1 : MaxAtOnce).Select(async some =>
            {
                var places = await RedisNonceStore.FindInDoubtAsync(
                    store,
                    redis.Value.KeyPrefix,
                    [.. some.Select(one => one.Stream)],
                    isLost,
                    options.Value.NonceStore.StoreTimeout,
                    time,
                    cancellationToken).ConfigureAwait(false);
                return places.Select(place => some[place].Payer);
            })).ConfigureAwait(false);
            return [.. found.SelectMany(some => some).Distinct()];
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            return null;
        }
    }

    /// <summary>Whether a payer has transactions in doubt; true also while Redis does not answer.</summary>
    internal async ValueTask<bool> MayHaveAsync(Payer payer, CancellationToken cancellationToken) =>
        await FindAsync([payer], isLost: false, cancellationToken).ConfigureAwait(false) is not { Count: 0 };
}
