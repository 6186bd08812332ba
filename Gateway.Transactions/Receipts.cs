using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Finds the receipts of transactions, also at endpoints that do not serve receipts, or serve them without logs.
/// </summary>
/// <remarks>
/// Without a receipt the transaction names its block, and the block's logs of the called contract have its result. Without
/// such a log the result is known only if the block's bloom filter excludes the contract: then it has no status, and its reader
/// waits before it counts as reverted. Otherwise the endpoint may lag, and the result is unknown.
/// </remarks>
internal sealed partial class Receipts(ChainAccount account, NonceUsers users, TimeProvider time, ILogger<Receipts> logger)
{
    private static readonly RpcError Incomplete =
        RpcError.Malformed("eth_getLogs", "the logs of the transaction's block lack its event, and its bloom filter does not exclude it");

    private readonly Func<RpcError?, LogLevel> _faults = account.NewFaultLevels();
    private readonly LogThrottle _unreadLines = new(TimeSpan.FromSeconds(10), time);
    private readonly LogThrottle _withoutLines = new(TimeSpan.FromHours(1), time);

    /// <summary>Whether the results of transactions can be read.</summary>
    internal EndpointState State { get; } = new(time);

    /// <summary>The receipt; null while the transaction is not mined.</summary>
    /// <param name="hash">The transaction.</param>
    /// <param name="nonce">Its nonce.</param>
    /// <param name="contract">The contract that it calls; null when that is not known.</param>
    /// <param name="isLate">Whether the receipt is missing for so long that the endpoint may serve none.</param>
    /// <param name="cancellationToken">Ends the queries.</param>
    internal async ValueTask<RpcResult<TransactionReceipt?>> FindAsync(
        Bytes32 hash, ulong nonce, EthereumAddress? contract, bool isLate, CancellationToken cancellationToken)
    {
        var answer = await account.Rpc.GetReceiptAsync(hash, cancellationToken).ConfigureAwait(false);
        if (answer.Error is not { } error)
        {
            State.Served();
            _faults(null);
            if (answer.Value is not { } receipt)
                return isLate ? await FindByLogsAsync(hash, nonce, contract, cancellationToken).ConfigureAwait(false) : answer;
            return MayLackEvent(receipt, contract)
                ? await CompleteAsync(receipt, contract, cancellationToken).ConfigureAwait(false)
                : answer;
        }

        if (error.Kind == RpcErrorKind.RateLimited) return error;
        if (!IsUnavailable(error))
        {
            var found = await FindByLogsAsync(hash, nonce, contract, cancellationToken).ConfigureAwait(false);
            var isFound = found.Error is null
                && (found.Value is not null || await IsUsedByOtherAsync(hash, nonce, cancellationToken).ConfigureAwait(false));
            if (isFound)
            {
                State.Served();
                if (_withoutLines.TryPass(out _)) LogWithout(logger, error);
                return found;
            }
        }

        State.Refused(error);
        Unread(hash, error);
        return error;
    }

    private static bool IsUnavailable(RpcError error) => error is { Kind: RpcErrorKind.Transport, Code: 0 or >= 500 };

    private static bool MayLackEvent(TransactionReceipt receipt, EthereumAddress? contract) =>
        !receipt.AreLogsComplete
        && (receipt.Succeeded || !receipt.IsStatusKnown)
        && !receipt.Logs.Any(log => contract is null || log.Address == contract);

    private async ValueTask<RpcResult<TransactionReceipt?>> CompleteAsync(
        TransactionReceipt receipt, EthereumAddress? contract, CancellationToken cancellationToken)
    {
        var answer = await LogsAsync(
            receipt.TransactionHash,
            (receipt.BlockNumber, receipt.BlockHash == default ? (Bytes32?)null : receipt.BlockHash),
            contract,
            cancellationToken).ConfigureAwait(false);
        if (!answer.TryGet(out var logs, out var error))
        {
            State.Refused(error);
            Unread(receipt.TransactionHash, error);
            return error;
        }

        if (logs.Length == 0 && !receipt.IsStatusKnown)
        {
            return await IsWithoutEventAsync((receipt.BlockNumber, receipt.BlockHash), contract, cancellationToken).ConfigureAwait(false)
                ? receipt
                : Incomplete;
        }

        return logs.Length == 0
            ? receipt
            : receipt with { Succeeded = true, IsStatusKnown = true, BlockHash = logs[0].BlockHash, Logs = [.. receipt.Logs, .. logs] };
    }

    private async ValueTask<RpcResult<TransactionReceipt?>> FindByLogsAsync(
        Bytes32 hash, ulong nonce, EthereumAddress? contract, CancellationToken cancellationToken)
    {
        (ulong Number, Bytes32? Hash) block;
        var transaction = await account.Rpc.GetTransactionAsync(hash, cancellationToken).ConfigureAwait(false);
        if (transaction.Value?.BlockNumber is { } number)
        {
            block = (number, transaction.Value.BlockHash);
        }
        else if (await users.FindWithBlockAsync(nonce, cancellationToken).ConfigureAwait(false) is { } user)
        {
            if (user.Hash != hash) return (TransactionReceipt?)null;
            block = (user.Block, null);
        }
        else
        {
            return transaction.Error is { } error ? error : (TransactionReceipt?)null;
        }

        var answer = await LogsAsync(hash, block, contract, cancellationToken).ConfigureAwait(false);
        if (!answer.TryGet(out var logs, out var unread)) return unread;
        if (logs.Length > 0) return TransactionReceipt.Of(logs[0]) with { Logs = logs };
        return !await IsWithoutEventAsync((block.Number, block.Hash ?? default), contract, cancellationToken).ConfigureAwait(false)
            ? Incomplete
            : new TransactionReceipt(hash, false, block.Number, block.Hash ?? default, null, null, []) { IsStatusKnown = false };
    }

    private async ValueTask<bool> IsUsedByOtherAsync(Bytes32 hash, ulong nonce, CancellationToken cancellationToken) =>
        await users.FindAsync(nonce, cancellationToken).ConfigureAwait(false) is { } user && user != hash;

    // An empty list of logs may come from a server that lags, or keeps none. A call without a known contract is a cancellation,
    // which has no event.
    private async ValueTask<bool> IsWithoutEventAsync(
        (ulong Number, Bytes32 Hash) block, EthereumAddress? contract, CancellationToken cancellationToken)
    {
        if (contract is not { } address) return true;
        var head = (await account.Rpc.GetBlockAsync(BlockTag.At(block.Number), cancellationToken).ConfigureAwait(false)).Value;
        return head?.Bloom is { } bloom
            && (block.Hash == default || block.Hash == head.Hash)
            && !bloom.MayContain(new LogFilter { Addresses = [address] });
    }

    // By the block's hash: an endpoint that lags returns nothing for a range, but an error for a hash that it does not have.
    private async ValueTask<RpcResult<LogEntry[]>> LogsAsync(
        Bytes32 transaction, (ulong Number, Bytes32? Hash) block, EthereumAddress? contract, CancellationToken cancellationToken)
    {
        var filter = new LogFilter { Addresses = contract is { } address ? [address] : [] };
        var hash = block.Hash;
        if (hash is null)
        {
            var head = await account.Rpc.GetBlockAsync(BlockTag.At(block.Number), cancellationToken).ConfigureAwait(false);
            hash = head.Value?.Hash;
        }

        var answer = hash is { } known
            ? await account.Rpc.GetLogsAsync(filter.In(known), cancellationToken).ConfigureAwait(false)
            : RpcError.Malformed("eth_getBlockByNumber", "there is no such block");
        if (answer.Error is { } error && (hash is null || error.IsMethodRefused || error.Kind == RpcErrorKind.Other))
        {
            answer = await account.Rpc.GetLogsAsync(
                filter.Between(block.Number, block.Number), cancellationToken).ConfigureAwait(false);
        }

        if (!answer.TryGet(out var logs, out var unread)) return unread;
        return logs.Where(log => log.TransactionHash == transaction && !log.Removed).ToArray();
    }

    private void Unread(Bytes32 hash, RpcError error)
    {
        var severity = _faults(error);
        if (severity < LogLevel.Warning) LogUnread(logger, severity, hash, error, 0);
        else if (_unreadLines.TryPass(out var suppressed)) LogUnread(logger, severity, hash, error, suppressed);
    }

    [LoggerMessage(
        EventId = EventIds.ReceiptNotRead,
        Message = "the result of transaction {Hash} on the App Chain cannot be read; it is looked for until it is found: {Error} " +
            "({Suppressed} such lines suppressed since the last one)")]
    private static partial void LogUnread(ILogger logger, LogLevel severity, Bytes32 hash, RpcError error, long suppressed);

    [LoggerMessage(
        EventId = EventIds.ReceiptsNotServed,
        Level = LogLevel.Warning,
        Message = "the App Chain's endpoint returns no receipt that can be read, so results are read from the logs of the " +
            "transactions' blocks: {Error}")]
    private static partial void LogWithout(ILogger logger, RpcError error);
}
