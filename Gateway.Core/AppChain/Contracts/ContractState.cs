using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>What a broadcaster takes now, as last read.</summary>
/// <param name="IsPaused">Whether it takes nothing.</param>
/// <param name="MinPayloadSize">The smallest payload, in bytes.</param>
/// <param name="MaxPayloadSize">The largest payload, in bytes.</param>
internal sealed record ContractBounds(bool IsPaused, uint MinPayloadSize, uint MaxPayloadSize);

/// <summary>Follows the bounds and the pause of one broadcaster, so that what it would refuse costs no transaction.</summary>
internal sealed partial class ContractState(BroadcasterContract contract, string name, ILogger<ContractState> logger)
{
    /// <summary>What the contract is called in messages.</summary>
    internal string Name => name;

    /// <summary>Null before the first reading: then the contract itself decides.</summary>
    internal ContractBounds? Bounds { get; private set; }

    /// <summary>Reads it now. A chain that does not answer leaves the last reading.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var (pausedTask, minTask, maxTask) = (
            contract.GetPausedAsync(cancellationToken),
            contract.GetMinPayloadSizeAsync(cancellationToken),
            contract.GetMaxPayloadSizeAsync(cancellationToken));
        var (paused, min, max) = (
            await pausedTask.ConfigureAwait(false), await minTask.ConfigureAwait(false), await maxTask.ConfigureAwait(false));
        if ((paused.Error ?? min.Error ?? max.Error) is { } error)
        {
            LogUnread(logger, name, error.ToString());
            return;
        }

        var now = new ContractBounds(paused.Value, min.Value, max.Value);
        if (now != Bounds) LogChanged(logger, name, now);
        Bounds = now;
    }

    [LoggerMessage(EventId = 3401, Level = LogLevel.Warning, Message = "{Contract} could not be read, the last reading stays: {Error}")]
    private static partial void LogUnread(ILogger logger, string contract, string error);

    [LoggerMessage(EventId = 3402, Level = LogLevel.Information, Message = "{Contract} is now {Bounds}")]
    private static partial void LogChanged(ILogger logger, string contract, ContractBounds bounds);
}
