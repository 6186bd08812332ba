using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Transactions;

/// <summary>What is repeated in the background until it is stopped, whatever fails.</summary>
internal sealed partial class BackgroundWork(TimeProvider time, ILogger<BackgroundWork> logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentBag<Task> _running = [];

    /// <summary>Ends when the work stops.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>Begins to repeat something.</summary>
    /// <param name="what">What the log calls it.</param>
    /// <param name="pause">The time between the end of one run and the next.</param>
    /// <param name="work">One run.</param>
    internal void Repeat(string what, TimeSpan pause, Func<CancellationToken, Task> work) => _running.Add(RepeatAsync(what, pause, work));

    /// <summary>Stops, and waits for what runs. A second time it does nothing.</summary>
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
#pragma warning disable CA1031 // Whatever a store or a signer throws: this work must go on, or nonces are stuck.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                LogFailed(logger, what, exception);
            }

            await Task.Delay(pause, time, Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(EventId = EventIds.BackgroundWorkFailed, Level = LogLevel.Error, Message = "{What} failed; it goes on")]
    private static partial void LogFailed(ILogger logger, string what, Exception error);
}
