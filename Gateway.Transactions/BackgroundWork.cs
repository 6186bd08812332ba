using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Transactions;

/// <summary>Repeats work in the background until stopped, even when a run fails.</summary>
internal sealed partial class BackgroundWork(TimeProvider time, ILogger<BackgroundWork> logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _running = [];

    /// <summary>Cancelled when the work stops.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Starts to repeat a piece of work.</summary>
    /// <param name="what">Its name in the log.</param>
    /// <param name="pause">The delay between the end of one run and the start of the next.</param>
    /// <param name="work">One run.</param>
    internal void Repeat(string what, TimeSpan pause, Func<CancellationToken, Task> work) => _running.Add(RepeatAsync(what, pause, work));

    /// <summary>Stops the work and waits for the current runs to end. A second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested) return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RepeatAsync(string what, TimeSpan pause, Func<CancellationToken, Task> work)
    {
        while (!Stopping.IsCancellationRequested)
        {
            try
            {
                await work(Stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A store or a signer may throw anything; the work must continue, or nonces get stuck.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(logger, what, exception);
            }

            await Task.Delay(pause, time, Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(EventId = EventIds.BackgroundWorkFailed, Level = LogLevel.Error, Message = "{What} failed; retrying")]
    private static partial void LogFailed(ILogger logger, string what, Exception exception);
}
