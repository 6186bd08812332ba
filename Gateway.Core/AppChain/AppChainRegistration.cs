using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain.Nonces;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.AppChain;

internal static class AppChainRegistration
{
    /// <summary>Flow 2: the ledger in Redis where there is one, else in memory.</summary>
    internal static IServiceCollection AddAppChain(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<AppChainTransactionOptions>>().Value);
        services.TryAddSingleton<AppChainMetrics>();
        services.TryAddSingleton(Ledger);
        services.TryAddSingleton(Flow);
        services.TryAddSingleton<IGasCosts>(provider => provider.GetRequiredService<AppChainFlow>().GasCosts);
        services.AddSingleton<IStartCheck, AppChainKindCheck>();
        services.AddSingleton<IStartCheck, NonceLayoutCheck>();
        services.AddHostedService<AppChainService>();
        services.AddChainHealth("app-chain", options => (options.AppChain.RpcUrl, options.AppChain.MaxChainDisconnectTime), provider => provider.GetRequiredService<AppChainFlow>().Trouble);
        services.AddSingleton(new MetricsPage(TransactionsView.Path, TransactionsView.ServeAsync));
        services.AddSingleton<IEnvelopePublisher>(provider => provider.GetRequiredService<AppChainFlow>().Publisher);
        return services;
    }

    private static INonceLedger Ledger(IServiceProvider services)
    {
        var (options, time) = (services.GetRequiredService<AppChainTransactionOptions>().Ledger, services.GetRequiredService<TimeProvider>());
        var redis = services.GetRequiredService<IOptions<RedisOptions>>().Value;
        if (!redis.IsConfigured) return new MemoryNonceLedger(options, time);
        var stream = new NonceStream(services.GetRequiredService<IOptions<ContractsOptions>>().Value.AppChain.ChainId, services.GetRequiredService<ISigner>().Address);
        var connection = services.GetRequiredService<RedisConnection>();
        return new RedisNonceLedger(() => connection.Database, redis.KeyPrefix, stream, options, time);
    }

    private static AppChainFlow Flow(IServiceProvider services)
    {
        var chain = services.GetRequiredService<IOptions<ContractsOptions>>().Value.AppChain;
        return new AppChainFlow(
            new HttpRpcTransport(chain.RpcUrl ?? throw new InvalidOperationException("the App Chain has no RPC URL")),
            chain.WssUrl is { } url ? new WebSocketRpcTransport(url, null, services.GetRequiredService<TimeProvider>()) : null,
            chain,
            services.GetRequiredService<ISigner>(),
            services.GetRequiredService<INonceLedger>(),
            services.GetRequiredService<AppChainTransactionOptions>(),
            services.GetRequiredService<AppChainMetrics>(),
            services.GetRequiredService<PublishMetrics>(),
            services.GetRequiredService<IPublishedStore>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>());
    }
}
