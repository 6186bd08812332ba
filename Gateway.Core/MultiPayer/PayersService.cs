using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Starts and stops the background work of all payers with the gateway.</summary>
internal sealed partial class PayersService(
    PayerSet payers, IOptions<RedisOptions> redis, IHostApplicationLifetime lifetime, ILogger<PayersService> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (redis.Value.IsConfigured) payers.BuildEarlier();
        return Task.WhenAll(payers.All.Concat(payers.Leaving).Select(payer => StartAsync(payer, cancellationToken)));
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(payers.All.Concat(payers.Leaving).Select(payer => payer.StopAsync(cancellationToken))).ConfigureAwait(false);
        // Here, since what they share is disposed after the last service has stopped.
        await payers.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Starts the background work of one payer.</summary>
    internal async Task StartAsync(Payer payer, CancellationToken cancellationToken)
    {
        foreach (var service in await payer.StartAsync(cancellationToken).ConfigureAwait(false))
        {
            if (service is BackgroundService { ExecuteTask: { } running }) _ = EndOnFaultAsync(payer, service, running);
        }
    }

    // As the host does for its own services.
    private async Task EndOnFaultAsync(Payer payer, IHostedService service, Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!running.IsFaulted || lifetime.ApplicationStopping.IsCancellationRequested) return;
        LogBroke(logger, running.Exception!, service.GetType().Name, payer.Name);
        lifetime.StopApplication();
    }

    [LoggerMessage(EventIds.PayersServiceBroke, LogLevel.Critical, "{Service} of the payer {Payer} ended; the gateway stops")]
    private static partial void LogBroke(ILogger logger, Exception fault, string service, string payer);
}
