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

/// <summary>A start of a payer that failed.</summary>
/// <param name="At">When, as a timestamp.</param>
/// <param name="Pause">How long no other is tried.</param>
internal sealed record StartFailure(long At, TimeSpan Pause);

/// <summary>Builds the services of a payer.</summary>
/// <param name="entry">Its entry in the payers file.</param>
/// <param name="keys">Its keys.</param>
/// <param name="use">Whether it is in use.</param>
internal delegate ServiceProvider PayerBuild(PayerEntry entry, PayerKeys keys, AccountUse use);

/// <summary>One of several payers: its keys, and the services that only it uses, which are built when they are first needed.</summary>
/// <remarks>What all payers share is in the gateway's own services, and is not disposed with a payer.</remarks>
internal sealed class Payer(
    PayerEntry entry, PayerKeys keys, AccountUse use, PayerBuild build) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<IHostedService> _running = [];
    private volatile PayerEntry _entry = entry;
    private volatile PayerKeys _keys = keys;
    private volatile ServiceProvider? _services;
    private volatile PublishPipeline? _pipeline;
    private volatile Task? _starting;
    private volatile bool _isClosed;
    private int _isDisposed;

    /// <summary>Its name.</summary>
    internal string Name { get; } = entry.Name;

    /// <summary>Its address.</summary>
    internal EthereumAddress Address { get; } = keys.Signer.Address;

    /// <summary>The addresses of its senders; none where it sends itself.</summary>
    internal IReadOnlyList<EthereumAddress> Senders { get; } =
        keys.Senders is null ? [] : [.. keys.Senders.All.Select(sender => sender.Address)];

    /// <summary>What the payers file says of it now.</summary>
    internal PayerEntry Entry => _entry;

    /// <summary>Whether its background work has started, so that it serves calls.</summary>
    internal bool IsStarted => _pipeline is not null;

    /// <summary>Whether it has nothing to do: no start, no call, no attempt at a node, no transaction, and no nonce.</summary>
    internal bool IsIdle => use.IsIdle
        && _starting is not { IsCompleted: false }
        && (!IsStarted
            || (Services.GetRequiredService<PendingTransactions>().AreAllStored
                && Services.GetRequiredService<NonceManager>().Held.Count == 0
                && Services.GetRequiredService<SenderSet>().AreIdle
                && !Services.GetRequiredService<UnattendedAttempts>().HasOf(Name)));

    /// <summary>
    /// Whether the nonce store has a transaction of it that may be mined, also one of a process that was lost; true also while the
    /// store does not answer. It has to have started.
    /// </summary>
    internal async ValueTask<bool> MayBeInDoubtAsync(CancellationToken cancellationToken)
    {
        var list = await Services.GetRequiredService<NonceManager>().Store.ListAsync(cancellationToken).ConfigureAwait(false);
        return list.Status != NonceStoreStatus.Done || list.Entries.Any(entry => entry.IsInDoubt);
    }

    /// <summary>Its services. The first use builds them, and does not start them.</summary>
    internal IServiceProvider Services
    {
        get
        {
            if (_services is { } built) return built;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
                return _services ??= build(_entry, _keys, use);
            }
        }
    }

    /// <summary>Publishes for its callers, once it has started.</summary>
    internal PublishPipeline Pipeline => _pipeline ?? throw new InvalidOperationException($"the payer {Name} has not started");

    /// <summary>Begins a call, which <see cref="Leave"/> ends.</summary>
    /// <returns>False when it accepts no calls.</returns>
    internal bool TryEnter()
    {
        use.Begin();
        if (!_isClosed) return true;
        Leave();
        return false;
    }

    /// <summary>Ends a call.</summary>
    internal void Leave() => use.End();

    /// <summary>Accepts no calls from now on.</summary>
    internal void Close() => _isClosed = true;

    /// <summary>Accepts calls again.</summary>
    internal void Open() => _isClosed = false;

    /// <summary>Changes to another entry of its name.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="keys">The same keys, as they were read with the entry.</param>
    /// <param name="change">Changes its services from its entry before, where they are built.</param>
    internal void Change(PayerEntry entry, PayerKeys keys, Action<IServiceProvider, PayerEntry> change)
    {
        lock (_gate)
        {
            if (_services is { } built) change(built, _entry);
            if (!IsStarted) _keys = keys;
            _entry = entry;
        }
    }

    /// <summary>Its last start, when that failed; null otherwise.</summary>
    internal StartFailure? Failure { get; set; }

    /// <summary>Begins a start, or returns the one that is under way.</summary>
    internal Task ShareStart(Func<Task> start)
    {
        lock (_gate) return _starting is { IsCompleted: false } running ? running : _starting = Task.Run(start);
    }

    /// <summary>
    /// Opens its keys, and starts its background work, in order. One that fails is undone, so that it can be tried again. Called by one
    /// <see cref="ShareStart"/> at a time.
    /// </summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>The services that were started.</returns>
    internal async Task<IReadOnlyList<IHostedService>> StartAsync(CancellationToken cancellationToken)
    {
        if (IsStarted) return [];
        try
        {
            var keys = await _keys.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (keys != _keys)
            {
                // Services that were built before have keys that are not open.
                _keys = keys;
                await DisposeServicesAsync().ConfigureAwait(false);
            }

            foreach (var service in Services.GetServices<IHostedService>())
            {
                _running.Add(service);
                await service.StartAsync(cancellationToken).ConfigureAwait(false);
            }

            _pipeline = Services.GetRequiredService<PublishPipeline>();
            return _running;
        }
        catch
        {
            await StopRunningAsync(CancellationToken.None).ConfigureAwait(false);
            await DisposeServicesAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops its background work, in the reverse order, after a start that is under way.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_starting is { } starting)
            await starting.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await StopRunningAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _isDisposed, 1) != 0 ? default : DisposeServicesAsync();

    private async Task StopRunningAsync(CancellationToken cancellationToken)
    {
        for (var i = _running.Count - 1; i >= 0; i--)
        {
            await _running[i].StopAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _running.Clear();
    }

    private ValueTask DisposeServicesAsync()
    {
        ServiceProvider? services;
        lock (_gate)
        {
            services = _services;
            _services = null;
        }

        if (services is null) return default;
        services.GetRequiredService<MoneyMetrics>().End();
        services.GetRequiredService<AppChainMetrics>().End();
        return services.DisposeAsync();
    }
}
