using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Notifications;

/// <summary>
/// Receives the watcher's notifications over Redis. After each new connection everything is read again, since Redis
/// keeps no messages for subscribers that were disconnected.
/// </summary>
internal sealed partial class RedisChangeNotifications(
    RedisConnection redis,
    ChangeNotifications changes,
    IOptions<RedisOptions> options,
    IOptions<ContractsOptions> contracts,
    TimeProvider time,
    ILogger<RedisChangeNotifications> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private bool _isUnavailableLogged;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.IsConfigured) return;
        // Connecting may block for some seconds; the start must not wait for that.
        await Task.Yield();
        var channel = ChangeChannel.Of(options.Value, contracts.Value);
        while (!stoppingToken.IsCancellationRequested)
        {
            using var renewed = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            void OnRenewed() => renewed.Cancel();
            redis.Renewed += OnRenewed;
            try
            {
                await ReceiveAsync(channel, renewed.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (RedisFault.Is(exception))
            {
                await PauseAsync(exception, stoppingToken).ConfigureAwait(false);
            }
            finally
            {
                redis.Renewed -= OnRenewed;
            }
        }
    }

    // Until the connection is replaced.
    private async Task ReceiveAsync(RedisChannel channel, CancellationToken stoppingToken)
    {
        var client = redis.Client;
        client.ConnectionRestored += OnRestored;
        try
        {
            await SubscribeAsync(client.GetSubscriber(), channel, stoppingToken).ConfigureAwait(false);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await client.GetSubscriber().UnsubscribeAsync(channel, OnMessage, CommandFlags.FireAndForget).ConfigureAwait(false);
        }
        finally
        {
            client.ConnectionRestored -= OnRestored;
        }
    }

    private async Task SubscribeAsync(ISubscriber subscriber, RedisChannel channel, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await subscriber.SubscribeAsync(channel, OnMessage).ConfigureAwait(false);
                changes.NotifyAll();
                _isUnavailableLogged = false;
                return;
            }
            catch (Exception exception) when (RedisFault.Is(exception))
            {
                await PauseAsync(exception, stoppingToken).ConfigureAwait(false);
            }
        }
    }

    // One line until the next subscription.
    private async Task PauseAsync(Exception exception, CancellationToken stoppingToken)
    {
        if (!_isUnavailableLogged) LogUnavailable(logger, RedisFault.Of(exception).Reason);
        _isUnavailableLogged = true;
        await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void OnMessage(RedisChannel channel, RedisValue message)
    {
        if (ChangeChannel.Read(message) is { } kind) changes.Notify(kind);
    }

    private void OnRestored(object? sender, ConnectionFailedEventArgs restored)
    {
        if (restored.ConnectionType == ConnectionType.Subscription) changes.NotifyAll();
    }

    [LoggerMessage(
        EventIds.RedisChangeNotificationsUnavailable,
        LogLevel.Debug,
        "notifications of changes cannot be received; falling back to periodic reads: Redis {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string reason);
}
