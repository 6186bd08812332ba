using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Notifications;

/// <summary>
/// Reads a value of a chain at start, after each pause, and when a change is notified; one read at a time. An exception
/// does not end the loop: the next read may succeed, and must not stop the host.
/// </summary>
/// <param name="kind">The kind of change that triggers a read.</param>
/// <param name="changes">The source of change notifications.</param>
/// <param name="time">The clock of the pauses and of the reads.</param>
internal abstract class PeriodicReader(ChangeKind kind, IChangeNotifications changes, TimeProvider time) : BackgroundService
{
    // Not disposed: it has no handle, and a read that was notified may end after this object.
    private readonly SemaphoreSlim _reading = new(1, 1);

    /// <summary>The clock.</summary>
    protected TimeProvider Time { get; } = time;

    /// <summary>The wait after a read; evaluated after each.</summary>
    protected abstract TimeSpan Pause { get; }

    /// <summary>Reads now, after a read that is running.</summary>
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

    /// <summary>Reads once.</summary>
    protected abstract Task ReadAsync(CancellationToken cancellationToken);

    /// <summary>Logs the exception of a read.</summary>
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

            await Task.Delay(Pause, Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
