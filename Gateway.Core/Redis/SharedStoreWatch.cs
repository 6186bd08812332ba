using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>Asks the shared store every five seconds whether it is full, and says in the log when that changes.</summary>
internal sealed partial class SharedStoreWatch(SharedStoreState state, IOptions<RedisOptions> options, TimeProvider time, ILogger<SharedStoreWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    private readonly ILogger logger = logger;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsConfigured) return;
        Activity.Current = null;
        var wasFull = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested) return;
            var status = await state.AskAsync(CancellationToken.None);
            if (status == StoreStatus.Full && !wasFull) LogFull(logger);
            if (status == StoreStatus.Good && wasFull) LogRoom(logger);
            if (status != StoreStatus.Away) wasFull = status == StoreStatus.Full;
        }
    }

    [LoggerMessage(1030, LogLevel.Critical, "the shared store is full and refuses writes: no nonce and no claim is given out. Give it more maxmemory")]
    private static partial void LogFull(ILogger logger);

    [LoggerMessage(1031, LogLevel.Information, "the shared store takes writes again")]
    private static partial void LogRoom(ILogger logger);
}
