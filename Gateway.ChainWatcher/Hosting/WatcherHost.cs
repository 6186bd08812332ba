using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.ChainWatcher.Checkpoints;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.ChainWatcher.Network;
using Xmtp.Gateway.ChainWatcher.Telemetry;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>Turns an application into a chain watcher.</summary>
public static class WatcherHost
{
    private const string Title = "The XMTP chain watcher: follows both chains for gateways and operators.";
    private const string Program = "xmtp-chain-watcher";
    private const string KeyUse = "key of the payer, where the gateway's variables are shared: only its address is used; a secret";

    /// <summary>Runs the command that the arguments request: <c>--help</c>, <c>--version</c> or <c>healthcheck</c>.</summary>
    /// <returns>The result of the command; null when the arguments request none, and the watcher is to run.</returns>
    public static CommandOutput? RunCommand(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var table = Table();
        return HostCommands.Run(args, table, Program, Title, WatcherHelp.Text, configuration =>
        {
            var port = table.Group<MetricsSettings>().Read(configuration, []);
            return (port.Address, port.Port);
        });
    }

    /// <summary>Adds a watcher, configured by these arguments, by variables, and by appsettings.json.</summary>
    /// <exception cref="GatewayStartException">This platform has no libsecp256k1.</exception>
    public static void AddXmtpChainWatcher(this WebApplicationBuilder builder, IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var table = Table();
        builder.AddHost(args, table);
        builder.Services.AddSingleton<ConfiguredPayer>().AddSingleton<IStartCheck, ConfiguredPayer>().AddSharedStoreWatch(provider => [SlotOf(provider)]);
        builder.Services.AddSingleton<IStartCheck, SharedChainCheck>().AddSingleton<IStartCheck, WatcherPortCheck>();
        builder.Services.AddSharedStoreFaultCheck();
        AddWatching(builder.Services);
        if (table.Group<WatcherSettings>().Read(builder.Configuration, []).Network) builder.Services.AddNetworkWatch();
        AddPort(builder, table.Group<MetricsSettings>().Read(builder.Configuration, []));
    }

    /// <summary>Checks the configuration and the chains, and follows the chains until the process is stopped.</summary>
    /// <exception cref="GatewayStartException">There are faults; the exception lists all of them.</exception>
    public static async Task RunXmtpChainWatcherAsync(this WebApplication app, CancellationToken cancellationToken = default)
    {
        await app.StartXmtpChainWatcherAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    }

    /// <summary>As <see cref="RunXmtpChainWatcherAsync"/>, but returns once the port is open.</summary>
    public static async Task StartXmtpChainWatcherAsync(this WebApplication app, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(app);
        await app.Services.GetRequiredService<StartChecks>().RunAsync(cancellationToken);
        WatcherPort.Map(app);
        await app.StartAsync(cancellationToken);
    }

    private static SettingTable Table() => new(OriginalNames.On(
        new ContractsSettings(isOfWatcher: true), new WatcherSettings(), new PayerKeySettings(KeyUse), new RedisSettings(),
        new MetricsSettings(), new TracingSettings(), new LogSettings()))
    {
        // A gateway may share the environment.
        IsOwnVariable = name => name.StartsWith("XMTPD_WATCHER_", StringComparison.OrdinalIgnoreCase),
        Commands = ["healthcheck", "help", "version"],
    };

    private static void AddWatching(IServiceCollection services)
    {
        services.AddSingleton<IWatcherStore>(Store);
        services.AddSingleton(Notifier);
        services.AddSingleton<IReadOnlyList<EndpointWatch>>(Endpoints);
        services.AddSingleton<WatcherMetrics>().AddSingleton<StuckReports>().AddHostedService<ProviderReports>();
        services.AddSingleton<WatcherService>();
        services.AddHostedService<SettlementOnly>();
        services.AddHostedService(provider => provider.GetRequiredService<WatcherService>());
        services.AddHostedService(provider => provider.GetRequiredService<StuckReports>());
        services.AddHealthChecks().AddCheck<WatcherHealth>("watcher");
    }

    private static void AddPort(WebApplicationBuilder builder, MetricsOptions metrics)
    {
        builder.Services.AddPrometheus(WatcherMetrics.Name);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(metrics.Address), metrics.Port));
    }

    private static bool HasRedis(IServiceProvider services) => services.GetRequiredService<IOptions<RedisOptions>>().Value.IsConfigured;

    private static IChangeNotifier Notifier(IServiceProvider services)
    {
        IChangeNotifier gateways = HasRedis(services)
            ? ActivatorUtilities.CreateInstance<RedisChangeNotifier>(services)
            : new NullNotifier();
        return services.GetService<RegistryChanges>() is { } changes ? new NetworkNotifier(gateways, changes) : gateways;
    }

    private static IWatcherStore Store(IServiceProvider services)
    {
        var (options, redis) = (
            services.GetRequiredService<IOptions<WatcherOptions>>().Value, services.GetRequiredService<IOptions<RedisOptions>>().Value);
        if (!redis.IsConfigured) return new FileStore(Path.GetFullPath(options.StateFolder));
        var connection = services.GetRequiredService<RedisConnection>();
        var prefix = $"{redis.KeyPrefix}{{{SlotOf(services)}}}";
        return new RedisStore(() => connection.Database, prefix, options.Lease, services.GetRequiredService<TimeProvider>());
    }

    private static string SlotOf(IServiceProvider services) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"watcher:{services.GetRequiredService<IOptions<ContractsOptions>>().Value.SettlementChain.ChainId}");

    // The App Chain, if it is followed, and then the settlement chain; together if they are one.
    private static EndpointWatch[] Endpoints(IServiceProvider services)
    {
        var contracts = services.GetRequiredService<IOptions<ContractsOptions>>().Value;
        var settlement = WatchedChain.Settlement(contracts.SettlementChain);
        var app = contracts.AppChain.RpcUrl is null ? null : WatchedChain.App(contracts.AppChain);
        WatchedChain[][] endpoints = app is null ? [[settlement]] : app.IsOneWith(settlement) ? [[app, settlement]] : [[app], [settlement]];
        return [.. endpoints.Select(chains => new EndpointWatch(
            chains,
            services.GetRequiredService<ConfiguredPayer>().Address,
            services.GetRequiredService<IOptions<WatcherOptions>>().Value,
            services.GetRequiredService<IChangeNotifier>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<EndpointWatch>>()))];
    }
}
