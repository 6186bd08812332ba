using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Costs;

/// <summary>Registers the costs of publishing, the remaining funds, and the monitoring of both.</summary>
internal static class CostsRegistration
{
    /// <summary>Adds what the pipeline needs: estimates, the spend ledger and the spending guard. Reads no chain.</summary>
    internal static IServiceCollection AddCostEstimates(this IServiceCollection services) => services.AddPrices().AddSpending();

    /// <summary>Adds what all payers share of these: the rates, and what pauses spending when they jump.</summary>
    internal static IServiceCollection AddPrices(this IServiceCollection services)
    {
        services.AddOptions<CostsOptions>();
        services.TryAddSingleton<MoneyMetrics>();
        services.TryAddSingleton<RateCache>();
        services.TryAddSingleton<OriginatorRates>();
        services.TryAddSingleton<FeeBound>();
        services.TryAddSingleton<SpendingGuard>();
        return services;
    }

    /// <summary>Adds what is a payer's own of these: estimates, by its nodes and its gas, and what it spent.</summary>
    internal static IServiceCollection AddSpending(this IServiceCollection services)
    {
        services.TryAddSingleton<EnvelopeCosts>();
        services.TryAddSingleton<ICostEstimator, RateEstimator>();
        services.TryAddSingleton<UsageCounter>();
        services.TryAddSingleton<IRefusalCounter>(provider => provider.GetRequiredService<UsageCounter>());
        services.TryAddSingleton<SpendLedger>();
        return services;
    }

    /// <summary>Adds the reading of rates, funds and charges in the background, and their metrics and page.</summary>
    internal static IServiceCollection AddMoney(this IServiceCollection services)
    {
        services.AddRates().AddFunds();
        services.AddHealthChecks().AddCheck<FundsHealth>("funds");
        return services.AddSingleton(new MetricsPage(MoneyView.Path, MoneyView.ServeAsync));
    }

    /// <summary>Adds what all payers share of these: the reading of the rates, and their metrics.</summary>
    internal static IServiceCollection AddRates(this IServiceCollection services)
    {
        services.TryAddSingleton<CostChainClients>();
        services.TryAddSingleton<RateRefresher>();
        services.AddHostedService(provider => provider.GetRequiredService<RateRefresher>());
        services.AddHostedService<RateGauges>();
        return services;
    }

    /// <summary>Adds what is a payer's own of these: its funds, its charges, and what its callers used.</summary>
    internal static IServiceCollection AddFunds(this IServiceCollection services)
    {
        services.AddOptions<FundsOptions>();
        services.TryAddSingleton<FundsState>();
        services.TryAddSingleton(History);
        services.TryAddSingleton<SettledUsageReader>();
        services.TryAddSingleton<ISettledUsage>(provider => provider.GetRequiredService<SettledUsageReader>());
        services.TryAddSingleton<FundsHealth>();
        services.AddHostedService<FundsWatch>();
        services.AddHostedService<MoneyGauges>();
        services.TryAddSingleton(Usage);
        services.TryAddSingleton<UsageWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<UsageWriter>());
        return services;
    }

    private static IUsageStore Usage(IServiceProvider services)
    {
        var (redis, time) = (services.GetRequiredService<IOptions<RedisOptions>>().Value, services.GetRequiredService<TimeProvider>());
        return redis.IsConfigured
            ? new RedisUsageStore(
                services.GetRequiredService<RedisConnection>().DatabaseAsync,
                redis.KeyPrefix,
                services.GetRequiredService<ISigner>().Address,
                time)
            : new MemoryUsageStore(time);
    }

    private static IFundsHistory History(IServiceProvider services)
    {
        var (redis, time) = (services.GetRequiredService<IOptions<RedisOptions>>().Value, services.GetRequiredService<TimeProvider>());
        if (!redis.IsConfigured) return new MemoryFundsHistory(time);
        var contracts = services.GetRequiredService<IOptions<ContractsOptions>>().Value;
        return new RedisFundsHistory(
            services.GetRequiredService<RedisConnection>().DatabaseAsync,
            redis.KeyPrefix,
            $"{contracts.SettlementChain.ChainId}:{contracts.AppChain.ChainId}:{services.GetRequiredService<ISigner>().Address}",
            time);
    }

    // Connects the gauges to their sources; MoneyMetrics cannot depend on them, since they depend on it.
    private sealed class RateGauges(MoneyMetrics metrics, RateCache rates, SpendingGuard guard) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            metrics.Watch(rates, guard);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class MoneyGauges(
        MoneyMetrics metrics,
        SpendLedger ledger,
        ISettledUsage usage,
        FundsState funds,
        ISigner signer,
        AccountUse? use = null) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            metrics.Watch(ledger, usage);
            metrics.Watch(funds, use);
            metrics.Watch(signer.Address);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
