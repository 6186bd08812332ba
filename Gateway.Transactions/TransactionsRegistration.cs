using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

internal static class TransactionsRegistration
{
    /// <summary>Adds the services that send the transactions of one account.</summary>
    /// <remarks>
    /// Requires a <see cref="ChainAccount"/>, the <see cref="FeeOracle"/> of its chain, an <see cref="INonceStore"/>,
    /// <see cref="AppChainTransactionOptions"/>, a clock, meters and logs. <see cref="BackgroundWork"/> must be stopped before the
    /// rest is disposed.
    /// </remarks>
    internal static IServiceCollection AddTransactionManager(this IServiceCollection services)
    {
        services.TryAddSingleton<AppChainMetrics>();
        services.TryAddSingleton<BackgroundWork>();
        services.TryAddSingleton<GasLimits>();
        services.TryAddSingleton<ChainPositions>();
        services.TryAddSingleton<NonceManager>();
        services.TryAddSingleton<NonceResync>();
        services.TryAddSingleton<NonceUsers>();
        services.TryAddSingleton<Receipts>();
        services.TryAddSingleton<PendingTransactions>();
        services.TryAddSingleton<NonceTracker>();
        services.TryAddSingleton<SubscriptionMonitor>();
        services.TryAddSingleton<TransactionSender>();
        services.TryAddSingleton<TransactionReplacer>();
        services.TryAddSingleton<PendingTransactionLookup>();
        services.TryAddSingleton<TransactionEndings>();
        services.TryAddSingleton<TransactionBroadcaster>();
        services.TryAddSingleton<MempoolCheck>();
        services.TryAddSingleton<TransactionMonitor>();
        services.TryAddSingleton<MonitorRunner>();
        services.TryAddSingleton<SubmissionFaults>();
        services.TryAddSingleton<PayloadSigning>();
        services.TryAddSingleton<TransactionWithdrawal>();
        services.TryAddSingleton<TransactionIssuer>();
        services.TryAddSingleton<TransactionManager>();
        services.TryAddSingleton<TransactionRecovery>();
        services.TryAddSingleton<NonceGaps>();
        services.TryAddSingleton<ReorganizationRecovery>();
        services.TryAddSingleton<TransactionWork>();
        return services;
    }
}
