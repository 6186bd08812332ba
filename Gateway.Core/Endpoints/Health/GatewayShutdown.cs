using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.Endpoints.Health;

/// <summary>
/// Stops in order: unready at once, still accepting calls for <see cref="ApiOptions.ShutdownDelay"/>, then the ports
/// close and running calls end within <see cref="ApiOptions.DrainTimeout"/>.
/// </summary>
/// <remarks>
/// The host calls <see cref="StoppingAsync"/> before any service stops; the web server, which stops first, then waits
/// for its calls.
/// </remarks>
internal sealed partial class GatewayShutdown(
    IHostApplicationLifetime lifetime, IOptions<ApiOptions> api, TimeProvider time, ILogger<GatewayShutdown> logger)
    : IHostedLifecycleService, IHealthCheck, IDisposable
{
    private readonly CancellationTokenSource _closing = new();

    /// <summary>Cancelled when the gateway begins to stop.</summary>
    public CancellationToken Draining => lifetime.ApplicationStopping;

    /// <summary>Cancelled when the ports close: endless calls, such as a watch, must end then.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var options = api.Value;
        LogDraining(logger, options.ShutdownDelay, options.DrainTimeout);
        if (options.ShutdownDelay > TimeSpan.Zero)
            await Task.Delay(options.ShutdownDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closing.CancelAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            Draining.IsCancellationRequested ? HealthCheckResult.Unhealthy("the gateway is stopping") : HealthCheckResult.Healthy());

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _closing.Dispose();

    [LoggerMessage(
        EventIds.GatewayShutdownDraining,
        LogLevel.Information,
        "stopping: not ready, still accepting for {Delay}, then up to {Drain} for running calls")]
    private static partial void LogDraining(ILogger logger, TimeSpan delay, TimeSpan drain);
}
