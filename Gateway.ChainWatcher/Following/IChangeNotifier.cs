using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Notifications;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>Tells gateways what to read anew.</summary>
internal interface IChangeNotifier
{
    /// <summary>Tells them. What changed up to this block is on the chain.</summary>
    /// <returns>False when it could not be told and had better be told again.</returns>
    Task<bool> NotifyAsync(IReadOnlyList<ChangeKind> kinds, ulong block, CancellationToken cancellationToken);
}

/// <summary>Without Redis there is nobody to tell: gateways have their own subscription.</summary>
internal sealed class NullNotifier : IChangeNotifier
{
    /// <inheritdoc/>
    public Task<bool> NotifyAsync(IReadOnlyList<ChangeKind> kinds, ulong block, CancellationToken cancellationToken) =>
        Task.FromResult(true);
}

/// <summary>Tells whoever listens on the channel of Redis.</summary>
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
        catch (Exception away) when (RedisFault.Is(away))
        {
            return false;
        }
    }
}
