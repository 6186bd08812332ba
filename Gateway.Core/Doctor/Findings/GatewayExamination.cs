using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>The checks of a gateway's services, for the command and for the page of a running gateway.</summary>
internal static class GatewayExamination
{
    private static readonly string[] NeedConfiguration = ["authorization", "Redis settings", "token keys"];

    /// <summary>Runs the checks.</summary>
    /// <param name="services">The services of the gateway.</param>
    /// <param name="isRunning">Whether the gateway runs: then its ports are its own.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    internal static async Task<DoctorExamination> RunAsync(
        IServiceProvider services, bool isRunning, CancellationToken cancellationToken)
    {
        var examination = new DoctorExamination();
        var checks = services.GetRequiredService<StartChecks>();
        var configuration = checks.ConfigurationFaults();
        examination.Address = AddressOf(services);
        foreach (var fault in configuration) examination.Add(DoctorFinding.Fault("configuration", fault));
        if (configuration.Count == 0) examination.Add(DoctorFinding.Ok("configuration", "every setting can be read"));
        foreach (var warning in checks.ConfigurationWarnings()) examination.Add(DoctorFinding.Warning("configuration", warning));

        // A setting that cannot be read has its fault already; external systems are checked with the remaining settings.
        var contracts = services.GetRequiredService<UncheckedOptions<ContractsOptions>>().Value;
        var outside = await OutsideAsync(services, isRunning, cancellationToken).ConfigureAwait(false);
        foreach (var finding in ChainFindings.Of(contracts, outside, configuration, HasRedis(services))) examination.Add(finding);
        if (configuration.Count == 0) AddOpen(examination, services, contracts);
        else foreach (var name in NeedConfiguration) examination.Add(DoctorFinding.NotChecked(name, "the configuration has faults"));
        if (!isRunning) AddPage(examination, services.GetRequiredService<UncheckedOptions<MetricsOptions>>().Value);

        await Task.WhenAll(
            NodeFindings.AddAsync(examination, contracts, cancellationToken),
            ContractFindings.AddAsync(examination, contracts, cancellationToken),
            OfPayersAsync(examination, services, contracts, cancellationToken),
            configuration.Count == 0 ? StoreFindings.AddAsync(examination, services, cancellationToken) : Task.CompletedTask,
            configuration.Count == 0
                ? TokenFindings.AddAsync(examination, services, cancellationToken)
                : Task.CompletedTask).ConfigureAwait(false);
        return examination;
    }

    // Of several payers, each has its own funds; what a publish needs of the chains is the same for all.
    private static async Task OfPayersAsync(
        DoctorExamination examination, IServiceProvider services, ContractsOptions contracts, CancellationToken cancellationToken)
    {
        IReadOnlyList<PayerScope> payers, coming;
        try
        {
            payers = PayerScopes.Of(services);
            coming = services.GetService<PayerScopes>()?.Coming ?? [];
        }
        catch (Exception exception) when (exception is GatewayStartException or OptionsValidationException or InvalidOperationException)
        {
            examination.Add(DoctorFinding.NotChecked("funds and rates", "the configuration has faults"));
            return;
        }

        if (services.GetService<PayerScopes>() is { Count: var count } && count > payers.Count)
            examination.Add(DoctorFinding.NotChecked("other payers", $"{count - payers.Count} of {count} payers, which are not in use"));
        await Task.WhenAll(
        [
            .. payers.Concat(coming).Select((payer, i) => MoneyFindings.AddAsync(examination, payer, i == 0, contracts, cancellationToken)),
            PublishFindings.AddAsync(examination, payers[0].Services, contracts, cancellationToken),
        ]).ConfigureAwait(false);
    }

    private static bool HasRedis(IServiceProvider services) =>
        services.GetRequiredService<UncheckedOptions<RedisOptions>>().Value.IsConfigured
            || services.GetService<IConnectionMultiplexer>() is not null;

    private static string? AddressOf(IServiceProvider services)
    {
        try
        {
            return services.GetService<PayerScopes>() is null ? services.GetRequiredService<ISigner>().Address.ToString() : null;
        }
        catch (GatewayStartException)
        {
            return null;
        }
    }

    private static async Task<IReadOnlyList<(IStartCheck Check, IReadOnlyList<string> Faults)>> OutsideAsync(
        IServiceProvider services, bool isRunning, CancellationToken cancellationToken) =>
        await Task.WhenAll(
            services.GetServices<IStartCheck>()
                .Where(check => !isRunning || !check.IsBeforeStart)
                .Select(async check => (check, await check.RunAsync(cancellationToken).ConfigureAwait(false)))).ConfigureAwait(false);

    private static void AddPage(DoctorExamination examination, MetricsOptions metrics)
    {
        var port = metrics.Port == 0 ? "PORT" : metrics.Port.ToString(CultureInfo.InvariantCulture);
        examination.Add(
            DoctorFinding.Ok(
                "operator's page",
                metrics.Enable
                    ? $"http://localhost:{port}/ on the gateway's machine, while it runs: funds, costs, who spends, what is wrong"
                    : "off; --metrics.enable serves it, with the metrics"));
    }

    private static void AddOpen(DoctorExamination examination, IServiceProvider services, ContractsOptions contracts)
    {
        var isOpen = OpenGatewayWarning.IsOpen(
            services.GetRequiredService<IIdentityResolver>(),
            services.GetServices<IPublishAuthorizer>(),
            services.GetRequiredService<IOptions<AuthOptions>>().Value,
            contracts);
        if (isOpen)
        {
            examination.Add(
                DoctorFinding.Warning(
                    "authorization",
                    "anyone who reaches the gateway spends the payer's money; add an authorizer, or confirm with --auth.allow-all"));
        }
    }
}
