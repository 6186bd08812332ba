using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Looks at something at an interval until the gateway stops, one look at a time. An exception does not end it: the payers must go on, and
/// the next look may succeed.
/// </summary>
/// <param name="lifetime">The gateway, which ends it when it begins to stop.</param>
/// <param name="time">The clock.</param>
internal abstract class PeriodicLook(IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>The time from one look to the next.</summary>
    protected abstract TimeSpan Interval { get; }

    /// <summary>Whether it looks at all.</summary>
    protected virtual bool IsNeeded => true;

    /// <summary>Whether the first look is at the start, and not an interval later.</summary>
    protected virtual bool LooksAtStart => false;

    /// <summary>Looks once.</summary>
    protected abstract Task LookAsync(CancellationToken cancellationToken);

    /// <summary>Logs the exception of a look.</summary>
    protected abstract void LogBroken(Exception exception);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsNeeded) return;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(Interval, Time);
        try
        {
            if (LooksAtStart) await TryAsync(stop.Token).ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(stop.Token).ConfigureAwait(false)) await TryAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway is stopping.
        }
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // See above.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogBroken(exception);
        }
    }
}
