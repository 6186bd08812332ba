using System.Globalization;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Health;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>What a broadcaster accepts, as last read.</summary>
/// <param name="IsPaused">Whether it is paused and accepts nothing.</param>
/// <param name="MinPayloadSize">The smallest payload, in bytes.</param>
/// <param name="MaxPayloadSize">The largest payload, in bytes.</param>
internal sealed record ContractBounds(bool IsPaused, uint MinPayloadSize, uint MaxPayloadSize)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(IsPaused ? "paused" : "not paused")} and takes {MinPayloadSize} to {MaxPayloadSize} bytes");
}

/// <summary>
/// Keeps the size bounds and paused state of one broadcaster, so that an envelope it would refuse costs no transaction.
/// </summary>
internal sealed partial class ContractState(
    BroadcasterContract contract, string name, ILogger<ContractState> logger, IRpcTransport transport,
    UnreachableEndpoints? unreachable = null)
{
    private readonly ReadFaults _faults = new(unreachable);
    private volatile bool _hasRefused;

    /// <summary>The contract's name in messages.</summary>
    internal string Name => name;

    /// <summary>Null before the first read: then only the contract itself decides.</summary>
    internal ContractBounds? Bounds { get; private set; }

    /// <summary>Whether an envelope was accepted by the last reading since it was made.</summary>
    internal bool WasUsed { get; private set; }

    /// <summary>Whether an envelope was refused by the last reading, or there is none, or it says that the contract is paused.</summary>
    internal bool IsInQuestion => _hasRefused || Bounds is null or { IsPaused: true };

    /// <summary>The last reading decided on an envelope.</summary>
    internal void NoteDecision(bool isRefused)
    {
        if (isRefused) _hasRefused = true;
        else WasUsed = true;
    }

    /// <summary>Reads them now. When the chain does not answer, the last values remain.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        _hasRefused = false;
        WasUsed = false;
        var (pausedTask, minTask, maxTask) = (
            contract.GetPausedAsync(cancellationToken),
            contract.GetMinPayloadSizeAsync(cancellationToken),
            contract.GetMaxPayloadSizeAsync(cancellationToken));
        var (paused, min, max) = (
            await pausedTask.ConfigureAwait(false), await minTask.ConfigureAwait(false), await maxTask.ConfigureAwait(false));
        if ((paused.Error ?? min.Error ?? max.Error) is { } error)
        {
            var severity = _faults.Failed(transport, error);
            LogUnread(logger, severity, name, error);
            return;
        }

        _faults.Worked();
        var now = new ContractBounds(paused.Value, min.Value, max.Value);
        if (now != Bounds) LogChanged(logger, name, now);
        Bounds = now;
    }

    [LoggerMessage(
        EventId = EventIds.ContractUnread,
        Message = "{Contract} could not be read; keeping the last reading: {Error}")]
    private static partial void LogUnread(ILogger logger, LogLevel severity, string contract, RpcError error);

    [LoggerMessage(EventId = EventIds.ContractBoundsChanged, Level = LogLevel.Information, Message = "{Contract} is {Bounds}")]
    private static partial void LogChanged(ILogger logger, string contract, ContractBounds bounds);
}
