using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>
/// An account that sends transactions of a payer: its nonces, its transactions in flight, their replacement and recovery are its own.
/// </summary>
internal sealed class Sender : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    /// <summary>Builds a sender.</summary>
    /// <param name="payer">The services of its payer, which share the chain, the prices and the clock with it.</param>
    /// <param name="signer">Its key.</param>
    internal Sender(IServiceProvider payer, ISigner signer)
    {
        Address = signer.Address;
        KeyValuePair<string, object?>[] labels =
            [.. PayerLabel.TagsOf(payer.GetService<PayerLabel>()), new("sender", signer.Address.ToString())];
        var services = new ServiceCollection();
        if (payer.GetService<AccountUse>() is { } use) services.AddSingleton(use);
        _services = services
            .AddSingleton(payer.GetRequiredService<TimeProvider>())
            .AddSingleton(payer.GetRequiredService<AppChainTransactionOptions>())
            .AddSingleton(payer.GetRequiredService<FeeOracle>())
            .AddSingleton(AppChainRegistration.NonceStore(payer, signer.Address))
            .AddSingleton(AppChainRegistration.Account(payer, signer))
            .AddSingleton(new AppChainMetrics(payer.GetRequiredService<IMeterFactory>(), labels))
            .AddSingleton<ILoggerFactory>(new SenderLogs(payer.GetRequiredService<ILoggerFactory>(), signer.Address))
            .AddSingleton(typeof(ILogger<>), typeof(Logger<>))
            .AddTransactionManager()
            .BuildServiceProvider();
        Manager = _services.GetRequiredService<TransactionManager>();
        Gas = _services.GetRequiredService<GasLimits>();
        Nonces = _services.GetRequiredService<NonceManager>();
        Transactions = _services.GetRequiredService<PendingTransactions>();
        Tracker = _services.GetRequiredService<NonceTracker>();
        Subscription = _services.GetRequiredService<SubscriptionMonitor>();
        Work = _services.GetRequiredService<TransactionWork>();
    }

    /// <summary>Its address.</summary>
    internal EthereumAddress Address { get; }

    /// <summary>Sends its transactions.</summary>
    internal TransactionManager Manager { get; }

    /// <summary>The gas limits of its calls.</summary>
    internal GasLimits Gas { get; }

    /// <summary>Its nonces that this process holds.</summary>
    internal NonceManager Nonces { get; }

    /// <summary>Its transactions that this process has in flight.</summary>
    internal PendingTransactions Transactions { get; }

    /// <summary>How many of its nonces the chain has used.</summary>
    internal NonceTracker Tracker { get; }

    /// <summary>Whether the subscription tells of its transactions.</summary>
    internal SubscriptionMonitor Subscription { get; }

    /// <summary>Its background work.</summary>
    internal TransactionWork Work { get; }

    /// <summary>Whether it has nothing to do: no transaction, and no nonce.</summary>
    internal bool IsIdle => Transactions.AreAllStored && Nonces.Held.Count == 0;

    /// <summary>Stops its background work. A second call does nothing.</summary>
    internal ValueTask StopAsync() => _services.GetRequiredService<BackgroundWork>().DisposeAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _services.GetRequiredService<AppChainMetrics>().End();
        await _services.DisposeAsync().ConfigureAwait(false);
    }
}
