using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>Makes each kind of call that a publish to the App Chain needs once; nothing is sent that could be mined.</summary>
internal static class PublishFindings
{
    private const string Name = "App Chain publishing";
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(10);

    internal static async Task AddAsync(
        DoctorExamination examination, IServiceProvider services, ContractsOptions contracts, CancellationToken cancellationToken)
    {
        if (contracts.AppChain.RpcUrl is not { } url || PayerOf(services) is not { } payer)
        {
            examination.Add(DoctorFinding.NotChecked(Name, "the RPC URL of the App Chain or the payer's key is missing"));
            return;
        }

        using var client = new ChainClient(url, MaxAnswerTime);
        var rpc = client.Rpc;
        var count = rpc.GetTransactionCountAsync(payer, BlockTag.Latest, cancellationToken);
        // Whether the endpoint answers at all was checked with the chains.
        if ((await count.ConfigureAwait(false)).Error is { Kind: RpcErrorKind.Transport, Code: 0 })
        {
            examination.Add(DoctorFinding.NotChecked(Name, "the endpoint does not answer"));
            return;
        }

        var asked = await Task.WhenAll(
            IsServedAsync(count, null),
            AreResultsServedAsync(rpc, payer, cancellationToken),
            IsGasEstimatedAsync(rpc, payer, cancellationToken),
            IsTakenAsync(rpc, cancellationToken),
            IsServedAsync(
                rpc.GetTransactionCountAsync(payer, BlockTag.Pending, cancellationToken),
                "only mined transactions and the gateway's own are counted, not this wallet's others in the mempool"),
            IsServedAsync(
                rpc.GetTransactionAsync(default, cancellationToken), "transactions that may be lost are sent again without a lookup"),
            IsServedAsync(
                rpc.GetBlockAsync(BlockTag.At(0), cancellationToken),
                "a chain that was recreated under the same id is not detected")).ConfigureAwait(false);
        foreach (var finding in asked.OfType<DoctorFinding>()) examination.Add(finding);
        if (asked.All(finding => finding is null)) examination.Add(DoctorFinding.Ok(Name, "the endpoint serves all requests of a publish"));
    }

    private static EthereumAddress? PayerOf(IServiceProvider services)
    {
        try
        {
            return services.GetRequiredService<ISigner>().Address;
        }
        catch (Exception exception) when (exception is GatewayStartException or OptionsValidationException)
        {
            return null;
        }
    }

    // Null when the call is served. Without an alternative, nothing can be published.
    private static async Task<DoctorFinding?> IsServedAsync<T>(Task<RpcResult<T>> asking, string? otherwise)
    {
        return (await asking.ConfigureAwait(false)).Error is { } error ? Refused(error, otherwise) : null;
    }

    private static DoctorFinding Refused(RpcError error, string? otherwise) => otherwise is null
        ? DoctorFinding.Fault(Name, $"the endpoint does not serve what a publish needs: {error}")
        : DoctorFinding.Warning(Name, $"the endpoint does not serve a request: {error}; {otherwise}");

    // A transaction that does not exist has no receipt, which is no error. Its block's logs have the result too.
    private static async Task<DoctorFinding?> AreResultsServedAsync(
        EthereumRpc rpc, EthereumAddress payer, CancellationToken cancellationToken)
    {
        if ((await rpc.GetReceiptAsync(default, cancellationToken).ConfigureAwait(false)).Error is not { } error) return null;
        var logs = await rpc.GetLogsAsync(
            new LogFilter { Addresses = [payer], FromBlock = BlockTag.Latest, ToBlock = BlockTag.Latest },
            cancellationToken).ConfigureAwait(false);
        return Refused(
            error,
            logs.IsOk ? "results are read from the logs of the transactions' blocks, and one that reverted is reported later" : null);
    }

    // A transfer of nothing to itself: no contract refuses it. A wallet without funds is reported elsewhere.
    private static async Task<DoctorFinding?> IsGasEstimatedAsync(
        EthereumRpc rpc, EthereumAddress payer, CancellationToken cancellationToken)
    {
        var answer = await rpc.EstimateGasAsync(
            new CallRequest(payer, ReadOnlyMemory<byte>.Empty) { From = payer }, cancellationToken).ConfigureAwait(false);
        if (answer.Error is not { } error || error.Kind is RpcErrorKind.Reverted or RpcErrorKind.InsufficientFunds) return null;
        var code = await rpc.GetCodeAsync(ArbitrumPrice.Precompile, cancellationToken).ConfigureAwait(false);
        var isOther = code.Error is null && code.Value.Length == 0;
        return Refused(
            error,
            isOther && error.IsMethodRefused ? "each transaction offers the most gas that one of its size can use" : null);
    }

    // An invalid transaction gets a specific refusal; an endpoint that accepts no transactions says so, or does not answer.
    private static async Task<DoctorFinding?> IsTakenAsync(EthereumRpc rpc, CancellationToken cancellationToken)
    {
        var error = (await rpc.SendRawTransactionAsync(ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false)).Error;
        return error is { IsMethodRefused: true } or { Kind: RpcErrorKind.Transport or RpcErrorKind.RateLimited }
            ? DoctorFinding.Fault(Name, $"the endpoint takes no transactions: {error}")
            : null;
    }
}
