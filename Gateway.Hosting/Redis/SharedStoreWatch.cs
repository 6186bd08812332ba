using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Checks the shared store every second, logs when its state changes, reconnects while the store is unavailable or
/// refuses writes, except because it is full, and writes the layout versions again when they are gone.
/// </summary>
/// <remarks>
/// A server that became a replica keeps its connections open, and a name or proxy that now leads to another server has
/// no effect on an existing connection: only a new one helps. It replaces the old one once it accepted a write.
/// </remarks>
internal sealed partial class SharedStoreWatch(
    SharedStoreState state,
    RedisConnection connection,
    RedisResultsConnection results,
    IOptions<RedisOptions> options,
    TimeProvider time,
    ILogger<SharedStoreWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);
    private readonly ILogger _logger = logger;
    private StoreCheckResult _last;
    private bool _isGoneLogged;
    private long _resultsSeen;
    private long _since;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsConfigured) return;
        Activity.Current = null;
        // The first check connects; the start must not wait for it.
        await Task.Yield();
        var (bad, nextTry) = (0, 0);
        var renewing = Task.CompletedTask;
        while (!stoppingToken.IsCancellationRequested)
        {
            var checking = state.CheckAsync(CancellationToken.None);
            // Usually the store is well: both calls leave together, and wake this process once.
            var writing = _last.Status == StoreStatus.Good && connection.IsConnected
                ? WriteLayoutAsync(connection, StoredLayout.Shared)
                : null;
            var result = await checking.ConfigureAwait(false);
            if (writing is not null) await writing.ConfigureAwait(false);
            Report(result);
            bad = result.Status is StoreStatus.Good or StoreStatus.Full ? 0 : bad + 1;
            if (bad == 0) nextTry = 0;
            // A store that does not respond may be slow for a moment only; a replica keeps refusing writes.
            if (renewing.IsCompleted && bad > nextTry && (bad > 1 || result.Status == StoreStatus.ReadOnly))
            {
                renewing = connection.RenewAsync(client => state.WriteAsync(client, stoppingToken), stoppingToken);
                nextTry = bad + Math.Min(bad / 4, (int)MaxPause.TotalSeconds);
            }

            if (result.Status == StoreStatus.Good && writing is null)
                await WriteLayoutAsync(connection, StoredLayout.Shared).ConfigureAwait(false);
            await WatchResultsAsync(stoppingToken).ConfigureAwait(false);
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // No caller waits for this server, and without it only stored responses are lost: a check every 5 s is enough.
    private async Task WatchResultsAsync(CancellationToken stoppingToken)
    {
        if (results.Connection is not { } connected || time.GetElapsedTime(_resultsSeen) < MaxPause) return;
        _resultsSeen = time.GetTimestamp();
        try
        {
            await WriteResultAsync(connected.Database).ConfigureAwait(false);
            await WriteLayoutAsync(connected, StoredLayout.Answers).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            if (RedisFault.Of(exception).Status == StoreStatus.ReadOnly)
                await connected.RenewAsync(WriteResultAsync, stoppingToken).ConfigureAwait(false);
        }
    }

    // Newer versions stay: this release reads what it can, and a start of it refuses.
    private async Task WriteLayoutAsync(RedisConnection store, IReadOnlyDictionary<string, int> versions)
    {
        try
        {
            await StoredLayout.FindNewerAsync(store.Database, options.Value.KeyPrefix, versions)
                .WaitAsync(Every, time).ConfigureAwait(false);
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            // The next check writes them.
        }
    }

    private Task WriteResultAsync(IDatabaseAsync client) =>
        client.StringSetAsync($"{options.Value.KeyPrefix}write-check", "1", TimeSpan.FromMinutes(1)).WaitAsync(Every, time);

    // One line when it becomes unavailable and one when it is back, whatever states it goes through in between; another
    // when the operator has to change something, because waiting does not help.
    private void Report(StoreCheckResult result)
    {
        if (_last.Status == StoreStatus.Good) _since = time.GetTimestamp();
        switch (result.Status)
        {
            case StoreStatus.Good when _isGoneLogged:
                LogBack(_logger, (long)time.GetElapsedTime(_since).TotalSeconds);
                break;
            case StoreStatus.Good when _last.Status == StoreStatus.Full:
                LogRoom(_logger);
                break;
            case StoreStatus.Full when _last.Status != StoreStatus.Full:
                LogFull(_logger);
                break;
            case StoreStatus.ReadOnly or StoreStatus.Refuses or StoreStatus.Unavailable
                when !_isGoneLogged || (result.IsLasting && result.Reason != _last.Reason):
                LogGone(_logger, result.Reason);
                _isGoneLogged = true;
                break;
        }

        if (result.Status == StoreStatus.Good) _isGoneLogged = false;
        _last = result;
    }

    [LoggerMessage(
        EventIds.SharedStoreWatchFull,
        LogLevel.Critical,
        "the shared store is full and refuses writes: no nonce and no claim can be reserved. Give it more maxmemory")]
    private static partial void LogFull(ILogger logger);

    [LoggerMessage(EventIds.SharedStoreWatchRoom, LogLevel.Information, "the shared store takes writes again")]
    private static partial void LogRoom(ILogger logger);

    [LoggerMessage(
        EventIds.SharedStoreWatchGone,
        LogLevel.Error,
        "Redis, the shared store, {Reason}; it is checked every second until a write succeeds")]
    private static partial void LogGone(ILogger logger, string reason);

    [LoggerMessage(
        EventIds.SharedStoreWatchBack,
        LogLevel.Information,
        "Redis, the shared store, answers and takes writes again, after {Seconds} s")]
    private static partial void LogBack(ILogger logger, long seconds);
}
