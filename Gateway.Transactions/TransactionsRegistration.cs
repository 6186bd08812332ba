using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

internal static class TransactionsRegistration
{
    /// <summary>What sends the transactions of one account.</summary>
    /// <remarks>
    /// Needs a <see cref="ChainAccount"/>, an <see cref="INonceLedger"/>, <see cref="AppChainTransactionOptions"/>, a clock, meters and
    /// logs; and <see cref="BackgroundWork"/> to be stopped before the rest is disposed.
    /// </remarks>
    internal static IServiceCollection AddTransactionManager(this IServiceCollection services)
    {
        services.TryAddSingleton<AppChainMetrics>();
        services.TryAddSingleton<BackgroundWork>();
        services.TryAddSingleton<FeeOracle>();
        services.TryAddSingleton<GasLimits>();
        services.TryAddSingleton<ChainPositions>();
        services.TryAddSingleton<NonceDesk>();
        services.TryAddSingleton<NonceResync>();
        services.TryAddSingleton<NonceUsers>();
        services.TryAddSingleton<Flights>();
        services.TryAddSingleton<ChainFollower>();
        services.TryAddSingleton<TransactionSender>();
        services.TryAddSingleton<FlightReplacer>();
        services.TryAddSingleton<FlightLookup>();
        services.TryAddSingleton<FlightPilot>();
        services.TryAddSingleton<MonitorRunner>();
        services.TryAddSingleton<SubmissionFaults>();
        services.TryAddSingleton<TransactionIssuer>();
        services.TryAddSingleton<TransactionEngine>();
        services.TryAddSingleton<TransactionRecovery>();
        services.TryAddSingleton<NonceGaps>();
        services.TryAddSingleton<TransactionWork>();
        return services;
    }
}
