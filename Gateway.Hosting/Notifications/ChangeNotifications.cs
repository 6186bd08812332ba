using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Hosting;

namespace Xmtp.Gateway.Notifications;

/// <summary>Receives notifications of changes and passes them to subscribers, in memory, in this process.</summary>
/// <remarks>Thread-safe. Notifying never waits for subscribers.</remarks>
internal sealed partial class ChangeNotifications(ILogger<ChangeNotifications> logger) : IChangeNotifications, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger = logger;
    private ImmutableList<Reader> _readers = [];

    /// <inheritdoc/>
    public IDisposable Subscribe(ChangeKind kind, Func<CancellationToken, Task> refresh)
    {
        ArgumentNullException.ThrowIfNull(refresh);
        var reader = new Reader(this, kind, refresh);
        ImmutableInterlocked.Update(ref _readers, (all, one) => all.Add(one), reader);
        return reader;
    }

    /// <summary>Notifies the subscribers of one kind.</summary>
    internal void Notify(ChangeKind kind)
    {
        foreach (var reader in _readers)
            if (reader.Kind == kind) reader.Wake();
    }

    /// <summary>Notifies all subscribers: changes may have been missed.</summary>
    internal void NotifyAll()
    {
        foreach (var reader in _readers) reader.Wake();
    }

    /// <summary>Cancels the refreshes that run.</summary>
    public void Dispose()
    {
        if (_stopping.IsCancellationRequested) return;
        _stopping.Cancel();
        _stopping.Dispose();
    }

    [LoggerMessage(EventIds.ChangeNotificationBroke, LogLevel.Error, "reloading after {Kind} failed; the next periodic read retries")]
    private static partial void LogFailed(ILogger logger, ChangeKind kind, Exception exception);

    private sealed class Reader(ChangeNotifications changes, ChangeKind kind, Func<CancellationToken, Task> refresh) : IDisposable
    {
        private readonly CancellationToken _stop = changes._stopping.Token;
        // The number of notifications since the last refresh began; above zero a loop is running.
        private int _notified;

        public ChangeKind Kind => kind;

        public void Wake()
        {
            if (Interlocked.Increment(ref _notified) == 1) _ = Task.Run(RunAsync, CancellationToken.None);
        }

        public void Dispose() => ImmutableInterlocked.Update(ref changes._readers, (all, one) => all.Remove(one), this);

        private async Task RunAsync()
        {
            int seen;
            do
            {
                seen = Volatile.Read(ref _notified);
                await RefreshAsync().ConfigureAwait(false);
            }
            while (Interlocked.Add(ref _notified, -seen) > 0);
        }

        private async Task RefreshAsync()
        {
            if (_stop.IsCancellationRequested) return;
            try
            {
                await refresh(_stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The gateway is stopping.
            }
#pragma warning disable CA1031 // Whatever a subscriber throws, the next change must still reach it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(changes._logger, kind, exception);
            }
        }
    }
}
