using System.Text.Json;
using Nethereum.Contracts;
using Nethereum.RPC.Eth.DTOs;
using Nethereum.Web3;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using TransactionReceipt = Xmtp.Gateway.Chain.TransactionReceipt;

namespace Xmtp.Gateway.Nethereum.DevChains;

/// <summary>Operations of a developer or a test on a local chain: each completes when its transaction is mined.</summary>
/// <remarks>
/// The chain is an Anvil, with the real contracts or with stand-ins; where they differ, the chain is queried for which
/// it has. Sends from Anvil's unlocked accounts, as <see cref="DevAccounts.Administrator"/> to stand-ins and when the sender
/// does not matter, so that the nonces of the accounts under test do not change. Thread-safe.
/// </remarks>
/// <exception cref="RpcException">The chain or the contract refused. All methods throw it.</exception>
public sealed partial class DevChain(EthereumRpc rpc)
{
    private static readonly TimeSpan ReceiptPause = TimeSpan.FromMilliseconds(50);
    private readonly TransportClient _client = new(rpc.Transport) { RequestTimeout = Timeout.InfiniteTimeSpan };

    /// <summary>The chain.</summary>
    public EthereumRpc Rpc => rpc;

    /// <summary>Sets the native balance of an account.</summary>
    public Task SetBalanceAsync(EthereumAddress account, Wei balance, CancellationToken cancellationToken) =>
        TellAsync("anvil_setBalance", [account, balance], cancellationToken);

    /// <summary>Adds to the native balance of an account.</summary>
    public async Task FundAsync(EthereumAddress account, Wei added, CancellationToken cancellationToken)
    {
        var had = (await rpc.GetBalanceAsync(account, BlockTag.Latest, cancellationToken).ConfigureAwait(false)).OrThrow();
        await SetBalanceAsync(account, had + added, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Mines blocks at once.</summary>
    public Task MineAsync(int blocks, CancellationToken cancellationToken) => TellAsync("anvil_mine", [blocks], cancellationToken);

    /// <summary>Sets whether each transaction is mined at once.</summary>
    public Task SetAutomineAsync(bool automine, CancellationToken cancellationToken) =>
        TellAsync("evm_setAutomine", [automine], cancellationToken);

    /// <summary>Drops a transaction from the mempool.</summary>
    public Task DropTransactionAsync(Bytes32 hash, CancellationToken cancellationToken) =>
        TellAsync("anvil_dropTransaction", [hash], cancellationToken);

    /// <summary>Sets the base fee of the next block.</summary>
    public Task SetNextBaseFeeAsync(Wei baseFee, CancellationToken cancellationToken) =>
        TellAsync("anvil_setNextBlockBaseFeePerGas", [baseFee], cancellationToken);

    /// <summary>Reorganizes the chain: replaces the newest blocks by the same number of empty ones.</summary>
    /// <param name="depth">The number of blocks, at least 1.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task ReorganizeAsync(uint depth, CancellationToken cancellationToken) =>
        TellAsync("anvil_reorg", [new PlainNumber(depth), Array.Empty<object>()], cancellationToken);

    /// <summary>Advances the chain's clock, from the next block on.</summary>
    public Task PassTimeAsync(TimeSpan time, CancellationToken cancellationToken) =>
        TellAsync("evm_increaseTime", [(ulong)time.TotalSeconds], cancellationToken);

    /// <summary>Sends a call from an unlocked account and waits until it is mined.</summary>
    /// <exception cref="RpcException">It was refused, or it was mined and reverted.</exception>
    public Task<TransactionReceipt> SendAsync(EthereumAddress from, EthereumAddress to, byte[] data, CancellationToken cancellationToken) =>
        SendAsync(new TransactionInput { From = from.ToString(), To = to.ToString(), Data = HexData.Format(data) }, cancellationToken);

    /// <summary>Waits until a transaction is mined.</summary>
    public async Task<TransactionReceipt> WaitForReceiptAsync(Bytes32 hash, CancellationToken cancellationToken)
    {
        while (true)
        {
            var receipt = (await rpc.GetReceiptAsync(hash, cancellationToken).ConfigureAwait(false)).OrThrow();
            if (receipt is not null) return receipt;
            await Task.Delay(ReceiptPause, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<TransactionReceipt> SendAsync<TMessage>(
        EthereumAddress to, TMessage message, CancellationToken cancellationToken, EthereumAddress? from = null)
        where TMessage : FunctionMessage
    {
        message.FromAddress = (from ?? DevAccounts.Administrator).ToString();
        return SendAsync(message.CreateTransactionInput(to.ToString()), cancellationToken);
    }

    private async Task<TransactionReceipt> SendAsync(TransactionInput transaction, CancellationToken cancellationToken)
    {
        var manager = Over(cancellationToken).TransactionManager;
        manager.EstimateOrSetDefaultGasIfNotSet = false;

        // Estimated first: a revert then has its revert data, and nothing is mined.
        await ThrowRpcErrorAsync(manager.EstimateGasAsync(transaction)).ConfigureAwait(false);
        var hash = Bytes32.Parse(await ThrowRpcErrorAsync(manager.SendTransactionAsync(transaction)).ConfigureAwait(false));
        var receipt = await WaitForReceiptAsync(hash, cancellationToken).ConfigureAwait(false);
        return receipt.Succeeded
            ? receipt
            : throw new RpcException(new RpcError("eth_sendTransaction", RpcErrorKind.Reverted, 0, "it was mined and reverted"));
    }

    // Null when the contract refuses, or has no such function.
    private async Task<string?> FindAsync<TMessage>(EthereumAddress contract, TMessage message, CancellationToken cancellationToken)
        where TMessage : FunctionMessage, new()
    {
        try
        {
            return await ThrowRpcErrorAsync(
                Over(cancellationToken).Eth
                    .GetContractQueryHandler<TMessage>()
                    .QueryAsync<string?>(contract.ToString(), message)).ConfigureAwait(false);
        }
        catch (RpcException exception) when (exception.Error.Kind == RpcErrorKind.Reverted)
        {
            return null;
        }
    }

    private async Task<EthereumAddress?> FindAddressAsync<TMessage>(
        EthereumAddress contract, TMessage message, CancellationToken cancellationToken)
        where TMessage : FunctionMessage, new() =>
        EthereumAddress.TryParse(await FindAsync(contract, message, cancellationToken).ConfigureAwait(false), out var address)
            ? address
            : null;

    private Web3 Over(CancellationToken cancellationToken) => new(_client.WithCancellation(cancellationToken));

    private static async Task<T> ThrowRpcErrorAsync<T>(Task<T> call)
    {
        try
        {
            return await call.ConfigureAwait(false);
        }
        catch (Exception exception) when (RpcFault.Of(exception) is { } fault)
        {
            throw new RpcException(fault);
        }
    }

    private async Task TellAsync(string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken) =>
        (await rpc.AskAsync<JsonElement>(method, parameters, result => result, cancellationToken).ConfigureAwait(false)).OrThrow();

    // Anvil's own methods take JSON numbers instead of quantities.
    private sealed record PlainNumber(uint Value) : IRpcParameter
    {
        public void WriteTo(Utf8JsonWriter writer) => writer.WriteNumberValue(Value);
    }
}
