using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Notifications;

/// <summary>
/// Reads something of a chain at start, after each pause, and when it is notified to have changed; one reading at a
/// time. What breaks one reading ends nothing: the next one may be good, and a host that stops serves nobody.
/// </summary>
/// <param name="kind">Which change is read at once.</param>
/// <param name="changes">Where changes are notified.</param>
/// <param name="time">The clock of the pauses.</param>
internal abstract class PeriodicReader(ChangeKind kind, IChangeNotifications changes, TimeProvider time) : BackgroundService
{
    private readonly SemaphoreSlim _reading = new(1, 1);

    /// <summary>How long to wait after a reading; asked after each.</summary>
    protected abstract TimeSpan Pause { get; }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    /// <summary>Reads it now, behind a reading that runs.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Reads it once.</summary>
    protected abstract Task ReadAsync(CancellationToken cancellationToken);

    /// <summary>Logs what broke a reading.</summary>
    protected abstract void LogBroken(Exception exception);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var notified = changes.Subscribe(kind, RefreshAsync);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RefreshAsync(stoppingToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // See above.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogBroken(exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
