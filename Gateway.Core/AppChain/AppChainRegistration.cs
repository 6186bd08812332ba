using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.AppChain.InFlight;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.AppChain.Senders.Funding;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain;

internal static class AppChainRegistration
{
    /// <summary>Adds flow 2 for one payer: with the nonce store in Redis if configured, else in memory.</summary>
    internal static IServiceCollection AddAppChain(this IServiceCollection services)
    {
        services.AddAppChainConnection().AddAppChainPublishing();
        services.AddSingleton<IStartCheck, AppChainKindCheck>();
        services.AddSingleton<IStartCheck, NonceLayoutCheck>();
        services.AddChainHealth(
            "app-chain",
            options => (options.AppChain.RpcUrl, options.AppChain.MaxChainDisconnectTime),
            provider => provider.GetRequiredService<AppChainFlow>().Trouble);
        return services.AddSingleton(new MetricsPage(TransactionsView.Path, TransactionsView.ServeAsync));
    }

    /// <summary>
    /// Adds what all payers share: the connections to the chain's endpoints, and what depends on the chain alone, such as its heads,
    /// the price of its gas, and what the contracts accept.
    /// </summary>
    internal static IServiceCollection AddAppChainConnection(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<ContractsOptions>>().Value.AppChain);
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<AppChainTransactionOptions>>().Value);
        services.TryAddSingleton(Connection);
        services.TryAddSingleton(Endpoint);
        services.TryAddSingleton<GasPriceMetrics>();
        services.TryAddSingleton<FeeOracle>();
        services.TryAddSingleton<Broadcasters>();
        services.TryAddSingleton<BlockTimes>();
        services.TryAddSingleton<FollowingPayers>();
        services.TryAddSingleton<ContractReadings>();
        services.TryAddSingleton<ChainSubscription>();
        services.TryAddSingleton<ChainFollowing>();
        return services;
    }

    /// <summary>Adds flow 2 of a payer: its transactions, nonces and gas.</summary>
    internal static IServiceCollection AddAppChainPublishing(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => NonceStore(provider, provider.GetRequiredService<ISigner>().Address));
        services.TryAddSingleton(provider => Account(provider, provider.GetRequiredService<ISigner>()));
        services.AddTransactionManager();
        services.TryAddSingleton<SenderSet>();
        services.TryAddSingleton(Holds);
        services.TryAddSingleton<SenderHealth>();
        services.TryAddSingleton<HeldTopics>();
        services.TryAddSingleton<TopicSenders>();
        services.TryAddSingleton<FollowedAccounts>();
        services.TryAddSingleton<RevertedCall>();
        services.TryAddSingleton<AppChainPublisher>();
        services.TryAddSingleton<AdoptedPublishes>();
        services.TryAddSingleton<AppChainFlow>();
        services.TryAddSingleton<IGasCosts, GasCosts>();
        services.AddHostedService<AppChainService>();
        services.AddSingleton<IEnvelopePublisher>(provider => provider.GetRequiredService<AppChainPublisher>());
        return services;
    }

    /// <summary>Adds the transfers of gas of a payer to its senders.</summary>
    internal static IServiceCollection AddSenderFunding(this IServiceCollection services, FundingLevels? levels)
    {
        services.AddSingleton(new FundingSetting(levels));
        services.TryAddSingleton(Ledger);
        services.TryAddSingleton<FundingMetrics>();
        services.TryAddSingleton<SenderTransfer>();
        return services.AddHostedService<SenderFunding>();
    }

    /// <summary>The nonces of an account: in Redis if configured, else in memory.</summary>
    internal static INonceStore NonceStore(IServiceProvider services, EthereumAddress account)
    {
        var (options, time) = (
            services.GetRequiredService<AppChainTransactionOptions>().NonceStore, services.GetRequiredService<TimeProvider>());
        var redis = services.GetRequiredService<IOptions<RedisOptions>>().Value;
        if (!redis.IsConfigured) return new MemoryNonceStore(options, time);
        var stream = new NonceStream(services.GetRequiredService<AppChainOptions>().ChainId, account);
        var connection = services.GetRequiredService<RedisConnection>();
        var accounts = services.GetService<AccountsInFlight>();
        return new RedisNonceStore(
            () => connection.Database, redis.KeyPrefix, stream, options, time, accounts is null ? null : () => accounts.Enter(account));
    }

    private static ITopicHolds Holds(IServiceProvider services)
    {
        var (options, time) = (
            services.GetRequiredService<AppChainTransactionOptions>().NonceStore, services.GetRequiredService<TimeProvider>());
        var redis = services.GetRequiredService<IOptions<RedisOptions>>().Value;
        if (!redis.IsConfigured) return new MemoryTopicHolds(options.Lease, time);
        var connection = services.GetRequiredService<RedisConnection>();
        return new RedisTopicHolds(connection.DatabaseAsync, redis.KeyPrefix, Payer(services), options, time);
    }

    private static IFundingLedger Ledger(IServiceProvider services)
    {
        var (options, time) = (
            services.GetRequiredService<AppChainTransactionOptions>().NonceStore, services.GetRequiredService<TimeProvider>());
        var redis = services.GetRequiredService<IOptions<RedisOptions>>().Value;
        if (!redis.IsConfigured) return new MemoryFundingLedger(options.Lease, time);
        var connection = services.GetRequiredService<RedisConnection>();
        return new RedisFundingLedger(connection.DatabaseAsync, redis.KeyPrefix, Payer(services), options, time);
    }

    private static NonceStream Payer(IServiceProvider services) =>
        new(services.GetRequiredService<AppChainOptions>().ChainId, services.GetRequiredService<ISigner>().Address);

    private static AppChainConnection Connection(IServiceProvider services)
    {
        var chain = services.GetRequiredService<AppChainOptions>();
        return new AppChainConnection(
            new HttpRpcTransport(chain.RpcUrl ?? throw new InvalidOperationException("the App Chain has no RPC URL")),
            chain.WssUrl is { } url ? new WebSocketRpcTransport(url, null, services.GetRequiredService<TimeProvider>()) : null);
    }

    /// <summary>An account on the App Chain.</summary>
    internal static ChainAccount Account(IServiceProvider services, ISigner signer) =>
        new(services.GetRequiredService<ChainReader>(), signer);

    private static ChainReader Endpoint(IServiceProvider services)
    {
        var (timeout, time) = (
            services.GetRequiredService<AppChainTransactionOptions>().RpcTimeout, services.GetRequiredService<TimeProvider>());
        var transport = new TimedRpcTransport(services.GetRequiredService<AppChainConnection>().Rpc, timeout, time);
        var unreachable = services.GetService<UnreachableEndpoints>();
        return new ChainReader(new EthereumRpc(transport), services.GetRequiredService<AppChainOptions>().ChainId)
        {
            NewFaultLevels = () =>
            {
                var faults = new ReadFaults(unreachable, time);
                return error => faults.Read(transport.Endpoint, error);
            },
        };
    }
}
