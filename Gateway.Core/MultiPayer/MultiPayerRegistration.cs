using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.AppChain.InFlight;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;
using Xmtp.Gateway.Operator;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Registers a gateway with a payers file: what its payers share, and the payers.</summary>
internal static class MultiPayerRegistration
{
    /// <summary>Adds them. The gateway's own services then have no signer and no pipeline: each payer has its own.</summary>
    internal static IServiceCollection AddSeveralPayers(this IServiceCollection services)
    {
        services.AddSingleton<PayerSet>().AddSingleton<PayerOrigins>().AddSingleton<PayersFileCheck>();
        services.AddSingleton<IPageAccess>(provider => provider.GetRequiredService<PayerSet>());
        services.AddSingleton<ICorsPolicyProvider, PayersCors>();
        services.AddSingleton(provider => new PayerAddresses(() => provider.GetRequiredService<PayerSet>().Addresses) { AreOfFile = true });
        services.AddSingleton(provider => new PayerScopes(
            () => Examined(provider.GetRequiredService<PayerSet>()),
            () => ComingScopes(provider.GetRequiredService<PayerSet>()),
            () => provider.GetRequiredService<PayerSet>().All.Count));
        services.AddSingleton(provider => new PayersVersion(() => provider.GetRequiredService<PayerSet>().Reading.Version));
        services.AddSingleton<RulePayerSelector>();
        services.TryAddSingleton<IPayerSelector>(provider => provider.GetRequiredService<RulePayerSelector>());
        services.AddSingleton<IPublishHandler, PayerRouter>();
        services.AddSingleton<IRefusalCounter, PayersRefusals>();
        services.AddSingleton<TokenVerifierFactory>().AddSingleton<ClientAddressIdentityResolver>();
        services.TryAddSingleton<IIdentityResolver, PayersIdentityResolver>();
        services.AddSingleton<IStartCheck, PayersCheck>().AddSingleton<IStartCheck, NonceLayoutCheck>();
        services.AddOptions<JwtOptions>().PostConfigure(jwt => jwt.KeepsToken = true);

        services.AddLimitStore().AddPrices().AddIdempotency().TryAddSingleton<PublishMetrics>();
        // Stopped when no attempt at a node is under way any more.
        services.AddSingleton<UnusedMemory>().AddSingleton<PayerStarts>().AddSingleton<PayersInDoubt>().AddHostedService<PayersService>();
        services.AddSingleton(InFlight).AddHostedService<PayersRecovery>();
        services.AddSingleton<PayersFileMetrics>().AddSingleton<PayersReload>().AddSingleton<PayerRotation>();
        services.AddSingleton<PayersFileWatch>();
        services.AddSingleton<IHiddenSeries>(provider => provider.GetRequiredService<PayersFileMetrics>());
        services.AddHostedService(provider => provider.GetRequiredService<PayersFileWatch>());
        services.AddSingleton<ComingPayers>().AddHostedService(provider => provider.GetRequiredService<ComingPayers>());
        services.AddSingleton<SharedReadings>();
        services.AddNodes().AddAppChainConnection().AddRates().AddOperator().AddPayerPages();
        services.AddHealthChecks().AddCheck<PayersHealth>("funds");
        return services.AddSingleton<PayersHealth>().AddChainHealth(
            "app-chain",
            options => (options.AppChain.RpcUrl, options.AppChain.MaxChainDisconnectTime),
            provider => PayersHealth.TroubleOf(provider.GetRequiredService<PayerSet>()));
    }

    private static AccountsInFlight InFlight(IServiceProvider services) => new(
        services.GetRequiredService<RedisConnection>().DatabaseAsync,
        services.GetRequiredService<IOptions<RedisOptions>>().Value.KeyPrefix,
        services.GetRequiredService<AppChainOptions>().ChainId,
        services.GetRequiredService<IOptions<AppChainTransactionOptions>>().Value.NonceStore.StoreTimeout,
        services.GetRequiredService<TimeProvider>());

    // Those that are in use, since each has to be built; where none is, such as before the start, the first ones.
    private static IReadOnlyList<PayerScope> Examined(PayerSet payers)
    {
        List<Payer> started = [.. payers.Started];
        return [.. (started.Count > 0 ? started : payers.All.Take(PayerStarts.MaxAtStart)).Select(ScopeOf)];
    }

    private static PayerScope ScopeOf(Payer payer) => new(payer.Name, payer.Services) { Until = payer.Entry.Until };

    private static IReadOnlyList<PayerScope> ComingScopes(PayerSet payers)
    {
        var state = payers.State;
        return [.. state.Reading.Document.Coming.Select(entry => ScopeOf(state.Payers[entry.Name]) with
        {
            Coming = new ComingWallet(state.Reading.Signers[entry].Address, entry.From!.Value),
        })];
    }
}
