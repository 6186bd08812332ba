using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing.Pipeline;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>One of several payers: its signer, and the services that only it uses.</summary>
/// <remarks>What all payers share is in the gateway's own services, and is not disposed with a payer.</remarks>
internal sealed class Payer(PayerEntry entry, ISigner signer, ServiceProvider services) : IAsyncDisposable
{
    private readonly Lazy<PublishPipeline> _pipeline = new(services.GetRequiredService<PublishPipeline>);
    private readonly List<IHostedService> _started = [];

    /// <summary>Its name.</summary>
    internal string Name => entry.Name;

    /// <summary>Its address.</summary>
    internal EthereumAddress Address => signer.Address;

    /// <summary>The origins whose pages may publish; null for those of the gateway.</summary>
    internal IReadOnlyList<string>? Origins => entry.Origins;

    /// <summary>Its services.</summary>
    internal IServiceProvider Services => services;

    /// <summary>Publishes for its callers.</summary>
    internal PublishPipeline Pipeline => _pipeline.Value;

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
    public ValueTask DisposeAsync() => services.DisposeAsync();
}
