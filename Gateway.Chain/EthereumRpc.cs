using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain;

/// <summary>Typed Ethereum JSON-RPC methods over HTTP or WebSocket.</summary>
/// <remarks>Thread-safe. Nothing is retried here: only the caller knows whether a request may be sent twice.</remarks>
public sealed class EthereumRpc(IRpcTransport transport)
{
    /// <summary>The transport of the requests.</summary>
    public IRpcTransport Transport => transport;

    /// <summary>The chain's id (<c>eth_chainId</c>).</summary>
    public Task<RpcResult<ulong>> GetChainIdAsync(CancellationToken cancellationToken) =>
        AskAsync("eth_chainId", [], RpcValue.UInt64, cancellationToken);

    /// <summary>The newest block's number (<c>eth_blockNumber</c>).</summary>
    public Task<RpcResult<ulong>> GetBlockNumberAsync(CancellationToken cancellationToken) =>
        AskAsync("eth_blockNumber", [], RpcValue.UInt64, cancellationToken);

    /// <summary>A block without its transactions (<c>eth_getBlockByNumber</c>); null when there is none.</summary>
    public Task<RpcResult<Block?>> GetBlockAsync(BlockTag block, CancellationToken cancellationToken) =>
        AskAsync("eth_getBlockByNumber", [block, false], RpcValue.Optional(Block.Read), cancellationToken);

    /// <summary>A block by its hash (<c>eth_getBlockByHash</c>); null when the endpoint does not have it.</summary>
    public Task<RpcResult<Block?>> GetBlockAsync(Bytes32 hash, CancellationToken cancellationToken) =>
        AskAsync("eth_getBlockByHash", [hash, false], RpcValue.Optional(Block.Read), cancellationToken);

    /// <summary>The transactions of a block (<c>eth_getBlockByNumber</c>), in order; unreadable ones are left out.</summary>
    public Task<RpcResult<IReadOnlyList<TransactionInfo>>> GetBlockTransactionsAsync(BlockTag block, CancellationToken cancellationToken) =>
        AskAsync("eth_getBlockByNumber", [block, true], TransactionInfo.ReadAllOf, cancellationToken);

    /// <summary>
    /// The next nonce of an account at the given block (<c>eth_getTransactionCount</c>); <see cref="BlockTag.Pending"/>
    /// counts the mempool too.
    /// </summary>
    public Task<RpcResult<ulong>> GetTransactionCountAsync(EthereumAddress address, BlockTag block, CancellationToken cancellationToken) =>
        AskAsync("eth_getTransactionCount", [address, block], RpcValue.UInt64, cancellationToken);

    /// <summary>The native balance of an account (<c>eth_getBalance</c>).</summary>
    public Task<RpcResult<Wei>> GetBalanceAsync(EthereumAddress address, BlockTag block, CancellationToken cancellationToken) =>
        AskAsync("eth_getBalance", [address, block], RpcValue.Wei, cancellationToken);

    /// <summary>The code at an address (<c>eth_getCode</c>); empty where there is no contract.</summary>
    public Task<RpcResult<ReadOnlyMemory<byte>>> GetCodeAsync(EthereumAddress address, CancellationToken cancellationToken) =>
        AskAsync("eth_getCode", [address, BlockTag.Latest], RpcValue.Data, cancellationToken);

    /// <summary>The endpoint's suggested price per unit of gas (<c>eth_gasPrice</c>).</summary>
    public Task<RpcResult<Wei>> GetGasPriceAsync(CancellationToken cancellationToken) =>
        AskAsync("eth_gasPrice", [], RpcValue.Wei, cancellationToken);

    /// <summary>The endpoint's suggested tip per unit of gas (<c>eth_maxPriorityFeePerGas</c>).</summary>
    public Task<RpcResult<Wei>> GetMaxPriorityFeeAsync(CancellationToken cancellationToken) =>
        AskAsync("eth_maxPriorityFeePerGas", [], RpcValue.Wei, cancellationToken);

    /// <summary>The gas that a call would use (<c>eth_estimateGas</c>).</summary>
    public Task<RpcResult<ulong>> EstimateGasAsync(CallRequest call, CancellationToken cancellationToken) =>
        AskAsync("eth_estimateGas", [call], RpcValue.UInt64, cancellationToken);

    /// <summary>The result that a call would return (<c>eth_call</c>).</summary>
    public Task<RpcResult<ReadOnlyMemory<byte>>> CallAsync(CallRequest call, BlockTag block, CancellationToken cancellationToken) =>
        AskAsync("eth_call", [call, block], RpcValue.Data, cancellationToken);

    /// <summary>Sends a signed transaction to the endpoint (<c>eth_sendRawTransaction</c>).</summary>
    /// <returns>
    /// Its hash. After an error of kind <see cref="RpcErrorKind.Transport"/> the endpoint may or may not have accepted
    /// the transaction; <see cref="RpcErrorKind.AlreadyKnown"/> means that it accepted it before.
    /// </returns>
    public Task<RpcResult<Bytes32>> SendRawTransactionAsync(ReadOnlyMemory<byte> raw, CancellationToken cancellationToken) =>
        AskAsync("eth_sendRawTransaction", [raw], RpcValue.Bytes32, cancellationToken);

    /// <summary>The receipt of a transaction (<c>eth_getTransactionReceipt</c>); null while it is not mined.</summary>
    public Task<RpcResult<TransactionReceipt?>> GetReceiptAsync(Bytes32 hash, CancellationToken cancellationToken) =>
        AskAsync("eth_getTransactionReceipt", [hash], RpcValue.Optional(TransactionReceipt.Read), cancellationToken);

    /// <summary>A transaction, mined or pending (<c>eth_getTransactionByHash</c>); null when the endpoint does not have it.</summary>
    public Task<RpcResult<TransactionInfo?>> GetTransactionAsync(Bytes32 hash, CancellationToken cancellationToken) =>
        AskAsync("eth_getTransactionByHash", [hash], RpcValue.Optional(TransactionInfo.Read), cancellationToken);

    /// <summary>
    /// The logs of a range (<c>eth_getLogs</c>), in chain order. Unreadable ones that the filter does not select are left out.
    /// </summary>
    public Task<RpcResult<IReadOnlyList<LogEntry>>> GetLogsAsync(LogFilter filter, CancellationToken cancellationToken) =>
        transport is HttpRpcTransport http
            ? http.ListAsync("eth_getLogs", [filter], filter.Read, cancellationToken)
            : AskAsync<IReadOnlyList<LogEntry>>("eth_getLogs", [filter], json => ReadLogs(json, filter), cancellationToken);

    // Some endpoints return null when there are no logs.
    private static List<LogEntry> ReadLogs(JsonElement json, LogFilter filter)
    {
        if (json.ValueKind == JsonValueKind.Null) return [];
        if (json.ValueKind != JsonValueKind.Array) throw new FormatException("expected an array");
        var logs = new List<LogEntry>(json.GetArrayLength());
        foreach (var item in json.EnumerateArray())
        {
            if (filter.Read(item) is { } log) logs.Add(log);
        }

        return logs;
    }

    /// <summary>Calls any other method and reads its result with <paramref name="read"/>.</summary>
    /// <param name="method">Such as <c>anvil_mine</c>.</param>
    /// <param name="parameters">As <see cref="IRpcTransport.SendAsync"/> takes them.</param>
    /// <param name="read">Throws <see cref="FormatException"/> when the value is not a result of the method.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<RpcResult<T>> AskAsync<T>(
        string method, IReadOnlyList<object?> parameters, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        var answer = await transport.SendAsync(method, parameters, cancellationToken).ConfigureAwait(false);
        if (!answer.TryGet(out var result, out var error)) return error;
        try
        {
            return read(result);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            return RpcError.Malformed(method, exception.Message);
        }
    }
}
