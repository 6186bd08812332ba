using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>One of several payers: its signer, and the services that only it uses.</summary>
/// <remarks>What all payers share is in the gateway's own services, and is not disposed with a payer.</remarks>
internal sealed class Payer(PayerEntry entry, ISigner signer, ServiceProvider services) : IAsyncDisposable
{
    private volatile PayerEntry _entry = entry;
    private volatile bool _isClosed;
    private int _calls;
    private int _isDisposed;
    private readonly Lazy<PublishPipeline> _pipeline = new(services.GetRequiredService<PublishPipeline>);
    private readonly List<IHostedService> _started = [];

    /// <summary>Its name.</summary>
    internal string Name { get; } = entry.Name;

    /// <summary>Its address.</summary>
    internal EthereumAddress Address => signer.Address;

    /// <summary>The addresses of its senders; none where it sends itself.</summary>
    internal IReadOnlyList<EthereumAddress> Senders => services.GetRequiredService<SenderSet>().Addresses;

    /// <summary>What the payers file says of it now.</summary>
    internal PayerEntry Entry
    {
        get => _entry;
        set => _entry = value;
    }

    /// <summary>Whether it has nothing to do: no call, no attempt at a node, no transaction, and no nonce.</summary>
    internal bool IsIdle => Volatile.Read(ref _calls) == 0
        && services.GetRequiredService<PendingTransactions>().AreAllStored
        && services.GetRequiredService<NonceManager>().Held.Count == 0
        && services.GetRequiredService<SenderSet>().AreIdle
        && !services.GetRequiredService<UnattendedAttempts>().HasOf(Name);

    /// <summary>
    /// Whether the nonce store has a transaction of it that may be mined, also one of a process that was lost; true also while the
    /// store does not answer.
    /// </summary>
    internal async ValueTask<bool> MayBeInDoubtAsync(CancellationToken cancellationToken)
    {
        var list = await services.GetRequiredService<NonceManager>().Store.ListAsync(cancellationToken).ConfigureAwait(false);
        return list.Status != NonceStoreStatus.Done || list.Entries.Any(entry => entry.IsInDoubt);
    }

    /// <summary>Its services.</summary>
    internal IServiceProvider Services => services;

    /// <summary>Publishes for its callers.</summary>
    internal PublishPipeline Pipeline => _pipeline.Value;

    /// <summary>Begins a call, which <see cref="Leave"/> ends.</summary>
    /// <returns>False when it accepts no calls.</returns>
    internal bool TryEnter()
    {
        Interlocked.Increment(ref _calls);
        if (!_isClosed) return true;
        Leave();
        return false;
    }

    /// <summary>Ends a call.</summary>
    internal void Leave() => Interlocked.Decrement(ref _calls);

    /// <summary>Accepts no calls from now on.</summary>
    internal void Close() => _isClosed = true;

    /// <summary>Accepts calls again.</summary>
    internal void Open() => _isClosed = false;

    /// <summary>Starts its background work, in order.</summary>
    /// <returns>The services that were started.</returns>
    internal async Task<IReadOnlyList<IHostedService>> StartAsync(CancellationToken cancellationToken)
    {
        foreach (var service in services.GetServices<IHostedService>())
        {
            _started.Add(service);
            await service.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        return _started;
    }

    /// <summary>Stops its background work, in the reverse order.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        for (var i = _started.Count - 1; i >= 0; i--)
        {
            await _started[i].StopAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _started.Clear();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return default;
        services.GetRequiredService<MoneyMetrics>().End();
        services.GetRequiredService<AppChainMetrics>().End();
        return services.DisposeAsync();
    }
}
