using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>Reads the account's mined and pending transaction counts from the chain.</summary>
/// <remarks>
/// Some endpoints do not serve block 0, or no count that includes the mempool. Without block 0, a chain that was
/// recreated cannot be told from the earlier one; without the pending count, transactions that another sender has in
/// the mempool for this wallet are only detected when the endpoint refuses ours.
/// </remarks>
internal sealed partial class ChainPositions(ChainAccount account, TimeProvider time, ILogger<ChainPositions> logger)
{
    // A connection that breaks only at this call may mean that the endpoint does not serve the call.
    private const int MaxMisses = 3;

    private readonly Func<RpcError?, LogLevel> _faults = account.NewFaultLevels();
    private readonly LogThrottle _unreadLines = new(TimeSpan.FromSeconds(10), time);
    private readonly LogThrottle _withoutLines = new(TimeSpan.FromHours(1), time);
    private readonly LogThrottle _noGenesisLines = new(TimeSpan.FromHours(1), time);
    private Bytes32 _genesis;
    private int _misses;

    /// <summary>Whether the chain reports its position.</summary>
    internal EndpointState State { get; } = new(time);

    /// <summary>Mined and pending counts; null when the chain does not answer.</summary>
    internal async ValueTask<ChainPosition?> ReadAsync(CancellationToken cancellationToken)
    {
        var first = await account.Rpc.GetBlockAsync(BlockTag.At(0), cancellationToken).ConfigureAwait(false);

        // Pending first: in the other order, a block mined in between could make pending smaller than mined.
        var pending = await account.Rpc.GetTransactionCountAsync(
            account.Address, BlockTag.Pending, cancellationToken).ConfigureAwait(false);
        var mined = await account.Rpc.GetTransactionCountAsync(account.Address, BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        if (mined.Error is { } unread) return Unread(unread);
        if (pending.Error is { } refusal)
        {
            _misses++;
            if (refusal.Kind == RpcErrorKind.RateLimited || (refusal.Kind == RpcErrorKind.Transport && _misses < MaxMisses))
                return Unread(refusal);
            if (_withoutLines.TryPass(out _)) LogNoPending(logger, refusal);
        }
        else
        {
            _misses = 0;
        }

        if (first.Value is { } block) _genesis = block.Hash;
        else if (_noGenesisLines.TryPass(out _)) LogNoGenesis(logger, first.Error?.ToString() ?? "there is none");
        State.Served();
        _faults(null);
        return new ChainPosition(_genesis, mined.Value, pending.Error is null ? Math.Max(mined.Value, pending.Value) : mined.Value);
    }

    /// <summary>The mined count alone; null when the chain does not answer.</summary>
    internal async ValueTask<ulong?> MinedAsync(CancellationToken cancellationToken)
    {
        var mined = await account.Rpc.GetTransactionCountAsync(account.Address, BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        return mined.Error is null ? mined.Value : null;
    }

    private ChainPosition? Unread(RpcError error)
    {
        State.Refused(error);
        var severity = _faults(error);
        if (severity < LogLevel.Warning) LogUnread(logger, severity, error, 0);
        else if (_unreadLines.TryPass(out var suppressed)) LogUnread(logger, severity, error, suppressed);
        return null;
    }

    [LoggerMessage(
        EventId = EventIds.ChainPositionUnread,
        Message = "the App Chain does not return this wallet's count of transactions: {Error} ({Suppressed} such lines suppressed since " +
            "the last one)")]
    private static partial void LogUnread(ILogger logger, LogLevel severity, RpcError error, long suppressed);

    [LoggerMessage(
        EventId = EventIds.MempoolNotCounted,
        Level = LogLevel.Warning,
        Message = "the App Chain's endpoint does not count transactions in its mempool, so mined ones and this gateway's own are " +
            "counted: {Error}")]
    private static partial void LogNoPending(ILogger logger, RpcError error);

    [LoggerMessage(
        EventId = EventIds.GenesisNotServed,
        Level = LogLevel.Warning,
        Message = "the App Chain's endpoint does not serve block 0, so a recreated chain cannot be detected: {Error}")]
    private static partial void LogNoGenesis(ILogger logger, string error);
}
