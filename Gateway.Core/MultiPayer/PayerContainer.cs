using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.AppChain.InFlight;
using Xmtp.Gateway.AppChain.Senders.Funding;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Notifications;
using Xmtp.Gateway.Operator;
using Xmtp.Gateway.Operator.Lately;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Builds the services of a payer: both flows, limits, spending and funds are its own; nodes, connections, stores, rates and
/// identities are the gateway's.
/// </summary>
internal static class PayerContainer
{
    // Given to a payer as instances: its container does not dispose them.
    private static readonly Type[] Shared =
    [
        typeof(TimeProvider), typeof(IMeterFactory), typeof(IHostApplicationLifetime), typeof(IIdentityResolver),
        typeof(RedisConnection), typeof(RedisResultsConnection), typeof(IChangeNotifications), typeof(UnreachableEndpoints),
        typeof(HealthReports), typeof(GatewayAddresses), typeof(IHeldBytes),
        typeof(IUsageLimitStore), typeof(IPublishedStore), typeof(IdempotencyMetrics), typeof(LapsedClaims),
        typeof(INodeRegistry), typeof(NodeConnections), typeof(UnattendedAttempts),
        typeof(AppChainConnection), typeof(AppChainOptions), typeof(AppChainTransactionOptions), typeof(ChainReader),
        typeof(FeeOracle), typeof(Broadcasters), typeof(BlockTimes), typeof(ChainFollowing), typeof(UncheckedOptions<ContractsOptions>),
        typeof(CostChainClients), typeof(SharedReadings), typeof(RateCache), typeof(OriginatorRates), typeof(SpendingGuard),
        typeof(WatcherReader), typeof(PayersVersion),
    ];

    /// <summary>Builds the services of a payer.</summary>
    /// <param name="gateway">The gateway's services.</param>
    /// <param name="entry">Its entry in the payers file.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="use">Whether it is in use, if its funds are read while it is; null if they are always.</param>
    /// <param name="settings">Reads its options.</param>
    internal static ServiceProvider Build(
        IServiceProvider gateway, PayerEntry entry, PayerKeys keys, AccountUse? use, PayerSettings settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton(new SharedServices(gateway)).AddSingleton(keys.Signer);
        if (keys.Senders is { } senders)
        {
            services.AddSingleton(senders)
                .AddSingleton(new GasAccounts([.. senders.All.Select(sender => sender.Address)]));
        }

        if (use is not null) services.AddSingleton(use);
        if (gateway.GetRequiredService<IOptions<RedisOptions>>().Value.IsConfigured)
            services.AddSingleton(gateway.GetRequiredService<AccountsInFlight>());
        foreach (var type in Shared) services.AddSingleton(type, gateway.GetRequiredService(type));
        var (limits, network, funds) = Read(gateway, entry, settings);
        services.AddSingleton<IOptions<LimitsOptions>>(new PayerOption<LimitsOptions>(limits))
            .AddSingleton<IOptions<BroadcastNetworkOptions>>(new PayerOption<BroadcastNetworkOptions>(network))
            .AddSingleton<IOptions<FundsOptions>>(new PayerOption<FundsOptions>(funds));
        AddLabels(services, gateway.GetRequiredService<IMeterFactory>(), gateway.GetRequiredService<TimeProvider>(), entry.Name);
        services.AddSingleton<ILoggerFactory>(new PayerLogs(gateway.GetRequiredService<ILoggerFactory>(), entry.Name));
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddAuthorizationOfPublishes().AddPipeline().AddSpending().AddNodePublishing().AddAppChainPublishing().AddFunds()
            .AddSettledBudgets().AddOverview();
        if (keys.Senders is not null) services.AddSenderFunding(entry.Funding);
        AddOwnOfProgram(services, gateway);
        services.Replace(ServiceDescriptor.Singleton(typeof(IOptions<>), typeof(GatewayOptions<>)));
        return services.BuildServiceProvider();
    }

    /// <summary>Changes the services of a payer to another entry of its name.</summary>
    internal static void Change(
        IServiceProvider gateway, IServiceProvider payer, PayerEntry before, PayerEntry entry, PayerSettings settings)
    {
        if (!entry.HasSettingsOf(before))
        {
            var (limits, network, funds) = Read(gateway, entry, settings);
            ((PayerOption<LimitsOptions>)payer.GetRequiredService<IOptions<LimitsOptions>>()).Use(limits);
            ((PayerOption<BroadcastNetworkOptions>)payer.GetRequiredService<IOptions<BroadcastNetworkOptions>>()).Use(network);
            ((PayerOption<FundsOptions>)payer.GetRequiredService<IOptions<FundsOptions>>()).Use(funds);
        }

        payer.GetService<FundingSetting>()?.Use(entry.Funding);
    }

    private static (LimitsOptions Limits, BroadcastNetworkOptions Network, FundsOptions Funds) Read(
        IServiceProvider gateway, PayerEntry entry, PayerSettings settings)
    {
        var configuration = gateway.GetRequiredService<IConfiguration>();
        return (
            settings.Limits(entry, configuration, gateway.GetRequiredService<IOptions<LimitsOptions>>().Value),
            settings.Network(entry, configuration),
            settings.Funds(entry, configuration));
    }

    private static void AddLabels(ServiceCollection services, IMeterFactory meters, TimeProvider time, string name)
    {
        var label = new PayerLabel(name);
        services.AddSingleton(label)
            .AddSingleton(new AuthorizationMetrics(meters, label))
            .AddSingleton(new PublishMetrics(meters, label))
            .AddSingleton(new MoneyMetrics(meters, time, label))
            .AddSingleton(new AppChainMetrics(meters, PayerLabel.TagsOf(label)));
    }

    // What the program registered itself: rules hold for every payer, and the last publisher of a destination is used.
    private static void AddOwnOfProgram(ServiceCollection services, IServiceProvider gateway)
    {
        foreach (var rule in gateway.GetServices<IPublishAuthorizer>()) services.AddSingleton(rule);
        foreach (var selector in gateway.GetServices<INodeSelector>()) services.AddSingleton(selector);
        foreach (var publisher in gateway.GetServices<IEnvelopePublisher>()) services.AddSingleton(publisher);
        if (gateway.GetService<ICostEstimator>() is { } costs) services.AddSingleton(costs);
    }
}
