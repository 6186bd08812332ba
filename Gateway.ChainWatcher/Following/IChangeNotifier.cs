using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Notifications;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>Notifies gateways of values to read again.</summary>
internal interface IChangeNotifier
{
    /// <summary>Notifies the gateways. The changes up to this block are on the chain.</summary>
    /// <returns>False when the notification failed and should be retried.</returns>
    Task<bool> NotifyAsync(IReadOnlyList<ChangeKind> kinds, ulong block, CancellationToken cancellationToken);
}

/// <summary>Does nothing: without Redis, gateways have their own subscription.</summary>
internal sealed class NullNotifier : IChangeNotifier
{
    /// <inheritdoc/>
    public Task<bool> NotifyAsync(IReadOnlyList<ChangeKind> kinds, ulong block, CancellationToken cancellationToken) =>
        Task.FromResult(true);
}

/// <summary>Notifies the subscribers of the Redis channel.</summary>
internal sealed class RedisChangeNotifier(RedisConnection redis, IOptions<RedisOptions> options, IOptions<ContractsOptions> contracts)
    : IChangeNotifier
{
    /// <inheritdoc/>
    public async Task<bool> NotifyAsync(IReadOnlyList<ChangeKind> kinds, ulong block, CancellationToken cancellationToken)
    {
        var channel = ChangeChannel.Of(options.Value, contracts.Value);
        try
        {
            foreach (var kind in kinds) await redis.Database.PublishAsync(channel, ChangeChannel.Write(kind, block));
            return true;
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            return false;
        }
    }
}
