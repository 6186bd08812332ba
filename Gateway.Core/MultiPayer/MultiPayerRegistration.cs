using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;
using Xmtp.Gateway.Operator;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Registers a gateway with a payers file: what its payers share, and the payers.</summary>
internal static class MultiPayerRegistration
{
    /// <summary>Adds them. The gateway's own services then have no signer and no pipeline: each payer has its own.</summary>
    internal static IServiceCollection AddSeveralPayers(this IServiceCollection services)
    {
        services.AddSingleton<PayerSet>().AddSingleton<PayerOrigins>();
        services.AddSingleton(provider => new PayerAddresses(() => provider.GetRequiredService<PayerSet>().Addresses) { AreOfFile = true });
        services.AddSingleton(provider => new PayerScopes(
            () => [.. provider.GetRequiredService<PayerSet>().All.Select(payer => new PayerScope(payer.Name, payer.Services))]));
        services.TryAddSingleton<IPayerSelector, RulePayerSelector>();
        services.AddSingleton<IPublishEntrance, PayersEntrance>();
        services.AddSingleton<IRefusalBook, PayersRefusals>();
        services.TryAddSingleton(Identities);
        services.AddSingleton<IStartCheck, PayersCheck>().AddSingleton<IStartCheck, NonceLayoutCheck>();
        AddSettings(services);

        services.AddLimitStore().AddPrices().AddIdempotency().TryAddSingleton<PublishMetrics>();
        // Stopped when no attempt at a node is under way any more.
        services.AddHostedService<PayersService>();
        services.AddNodes().AddAppChainConnection().AddRates().AddOperator().AddPayerPages();
        services.AddHealthChecks().AddCheck<PayersHealth>("funds");
        return services.AddSingleton<PayersHealth>().AddChainHealth(
            "app-chain",
            options => (options.AppChain.RpcUrl, options.AppChain.MaxChainDisconnectTime),
            provider => PayersHealth.TroubleOf(provider.GetRequiredService<PayerSet>()));
    }

    private static void AddSettings(IServiceCollection services)
    {
        services.AddOptions<ApiOptions>().PostConfigure<PayerSet>((api, payers) =>
        {
            var origins = payers.Reading.Document.Payers.SelectMany(payer => payer.Origins ?? []);
            api.PayerOrigins = [.. origins.Distinct(StringComparer.Ordinal)];
            api.PayerHeaders = payers.Rules.Headers;
        });
        services.AddOptions<JwtOptions>().PostConfigure<PayerSet>((jwt, payers) =>
        {
            jwt.KeepsToken = true;
            if (payers.Reading.Document.Issuers.Count > 0) jwt.UserPrefix = PrefixOf(jwt);
        });
    }

    private static IIdentityResolver Identities(IServiceProvider services)
    {
        var (payers, own) = (services.GetRequiredService<PayerSet>(), services.GetRequiredService<IOptions<JwtOptions>>().Value);
        var settings = services.GetRequiredService<SettingTable>().Group<JwtSettings>();
        var all = PayersIdentityResolver.OptionsOf(payers.Reading.Document, settings);
        foreach (var one in all.Where(_ => all.Count > 1 || own.IsConfigured)) one.UserPrefix = PrefixOf(one);
        if (own.IsConfigured) all.Insert(0, own);
        var (time, logs, meters) = (
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>(),
            services.GetRequiredService<IMeterFactory>());
        var proxies = services.GetRequiredService<IOptions<ClientAddressOptions>>();
        return new PayersIdentityResolver(
            [.. all.Select(options => new JwtIdentityResolver(Options.Create(options), time, logs, meters))],
            new ClientAddressIdentityResolver(proxies),
            payers,
            proxies);
    }

    // An issuer has no blanks, so that no user of another one gets the same name.
    private static string PrefixOf(JwtOptions options) => (options.Issuer ?? "discovered") + " ";
}
