using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Doctor.Findings;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Operator.Access;
using Xmtp.Gateway.Operator.Chains;
using Xmtp.Gateway.Operator.Lately;
using Xmtp.Gateway.Operator.Overview;
using Xmtp.Gateway.Operator.Page;
using Xmtp.Gateway.Operator.Replicas;

namespace Xmtp.Gateway.Operator;

/// <summary>Registers the operator's page, what it shows, and who may see it.</summary>
internal static class OperatorRegistration
{
    /// <summary>Adds them for one payer.</summary>
    internal static IServiceCollection AddOperatorPage(this IServiceCollection services)
    {
        services.AddOperator().AddOverview();
        services.AddSingleton(new MetricsPage("/", OperatorPage.ServeAsync) { IsForBrowsers = true });
        services.AddSingleton(new MetricsPage(OverviewPage.Path, OverviewPage.ServeAsync));
        services.AddSingleton(new MetricsPage(SpendingPage.Path, SpendingPage.ServeAsync));
        return services;
    }

    /// <summary>Adds what all payers share: who may see pages, the doctor, and what the chain watcher reports.</summary>
    internal static IServiceCollection AddOperator(this IServiceCollection services)
    {
        services.AddOptions<OperatorOptions>();
        services.TryAddSingleton<AdminToken>();
        services.AddSingleton<IStartCheck>(provider => provider.GetRequiredService<AdminToken>());
        services.TryAddSingleton(provider => new OperatorAccess(() => provider.GetRequiredService<AdminToken>().Value));
        services.TryAddSingleton<WatcherReader>();
        services.TryAddSingleton<DoctorPage>();
        return services.AddSingleton(new MetricsPage(DoctorPage.Path, DoctorPage.ServeAsync));
    }

    /// <summary>Adds what is a payer's own: its replicas' reports, and its overview.</summary>
    internal static IServiceCollection AddOverview(this IServiceCollection services)
    {
        services.TryAddSingleton<ReplicaReporter>();
        services.TryAddSingleton<ReplicaBoard>();
        services.AddHostedService(provider => provider.GetRequiredService<ReplicaBoard>());
        services.TryAddSingleton<BudgetReader>();
        services.TryAddSingleton<ChainHeads>();
        services.TryAddSingleton<OverviewReader>();
        return services;
    }
}
