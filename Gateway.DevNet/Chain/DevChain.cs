using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Chain;

/// <summary>What a developer, or a test, does to a local chain by hand: one method each, done when it is mined.</summary>
/// <remarks>
/// Sends from Anvil's unlocked accounts, as <see cref="DevAccounts.Administrator"/> where it does not matter who sends, so
/// the nonces of the accounts under test are left alone. Thread-safe.
/// </remarks>
/// <exception cref="RpcException">The chain or the contract refused; so for all methods.</exception>
public sealed partial class DevChain(EthereumRpc rpc)
{
    private static readonly TimeSpan ReceiptPause = TimeSpan.FromMilliseconds(50);

    /// <summary>The chain.</summary>
    public EthereumRpc Rpc => rpc;

    /// <summary>Gives an account so much native money, whatever it had.</summary>
    public Task SetBalanceAsync(EthereumAddress account, Wei balance, CancellationToken cancellationToken) =>
        TellAsync("anvil_setBalance", [account, balance], cancellationToken);

    /// <summary>Mines blocks now.</summary>
    public Task MineAsync(int blocks, CancellationToken cancellationToken) => TellAsync("anvil_mine", [blocks], cancellationToken);

    /// <summary>Whether each transaction is mined at once.</summary>
    public Task SetAutomineAsync(bool automine, CancellationToken cancellationToken) => TellAsync("evm_setAutomine", [automine], cancellationToken);

    /// <summary>Forgets a transaction that is not mined yet.</summary>
    public Task DropTransactionAsync(Bytes32 hash, CancellationToken cancellationToken) => TellAsync("anvil_dropTransaction", [hash], cancellationToken);

    /// <summary>The base fee of the next block.</summary>
    public Task SetNextBaseFeeAsync(Wei baseFee, CancellationToken cancellationToken) =>
        TellAsync("anvil_setNextBlockBaseFeePerGas", [baseFee], cancellationToken);

    /// <summary>Takes the newest blocks back and puts as many empty ones in their place.</summary>
    /// <param name="depth">How many blocks, at least 1.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task ReorganizeAsync(uint depth, CancellationToken cancellationToken) =>
        TellAsync("anvil_reorg", [new PlainNumber(depth), Array.Empty<object>()], cancellationToken);

    /// <summary>Lets the chain's clock run ahead, from the next block on.</summary>
    public Task PassTimeAsync(TimeSpan time, CancellationToken cancellationToken) => TellAsync("evm_increaseTime", [(ulong)time.TotalSeconds], cancellationToken);

    /// <summary>Sends a call from an unlocked account and waits until it is mined.</summary>
    /// <exception cref="RpcException">It was refused, or it was mined and reverted.</exception>
    public async Task<TransactionReceipt> SendAsync(EthereumAddress from, EthereumAddress to, byte[] data, CancellationToken cancellationToken)
    {
        var call = new CallRequest(to, data) { From = from };

        // Tried first: a refusal then comes with the contract's words, and mines nothing.
        (await rpc.EstimateGasAsync(call, cancellationToken).ConfigureAwait(false)).OrThrow();
        var hash = (await rpc.AskAsync("eth_sendTransaction", [call], RpcValue.Bytes32, cancellationToken).ConfigureAwait(false)).OrThrow();
        var receipt = await WaitForReceiptAsync(hash, cancellationToken).ConfigureAwait(false);
        return receipt.Succeeded ? receipt : throw new RpcException(new RpcError("eth_sendTransaction", RpcErrorKind.Reverted, 0, "it was mined and reverted"));
    }

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

    private Task<TransactionReceipt> SendAsync(EthereumAddress to, ContractFunction function, AbiWriter arguments, CancellationToken cancellationToken) =>
        SendAsync(DevAccounts.Administrator, to, function.Encode(arguments), cancellationToken);

    private async Task TellAsync(string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken) =>
        (await rpc.AskAsync<JsonElement>(method, parameters, result => result, cancellationToken).ConfigureAwait(false)).OrThrow();

    // Anvil's own methods take JSON numbers where others take quantities.
    private sealed record PlainNumber(uint Value) : IRpcParameter
    {
        public void WriteTo(Utf8JsonWriter writer) => writer.WriteNumberValue(Value);
    }
}
