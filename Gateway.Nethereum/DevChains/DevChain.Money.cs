using Nethereum.ABI;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum.DevChains;

/// <content>Rates, payers' balances, and usage reports.</content>
public sealed partial class DevChain
{
    /// <summary>
    /// Adds rates, through the settings of their registry. They must differ from the last ones, and start later.
    /// </summary>
    public async Task<TransactionReceipt> AddRatesAsync(Rates rates, CancellationToken cancellationToken)
    {
        await SetParametersAsync(
            ChainAddresses.RateRegistry,
            [
                ("xmtp.rateRegistry.messageFee", rates.MessageFee),
                ("xmtp.rateRegistry.storageFee", rates.StorageFee),
                ("xmtp.rateRegistry.congestionFee", rates.CongestionFee),
                ("xmtp.rateRegistry.targetRatePerMinute", rates.TargetRatePerMinute),
                ("xmtp.rateRegistry.ratesInEffectAfter", rates.StartTime),
            ],
            cancellationToken).ConfigureAwait(false);
        return await SendAsync(ChainAddresses.RateRegistry, new UpdateRates(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Adds money to a payer's balance. A stand-in is told any amount. The real contract takes fee tokens, at least $10:
    /// they are made from stablecoins, which everyone can mint on a local chain.
    /// </summary>
    public async Task<TransactionReceipt> DepositAsync(EthereumAddress payer, Microdollars amount, CancellationToken cancellationToken)
    {
        var registry = ChainAddresses.PayerRegistry;
        if (await IsStandInAsync(registry, cancellationToken).ConfigureAwait(false))
        {
            return await SendAsync(
                registry, new Credit { Payer = payer.ToString(), Amount = amount.Value }, cancellationToken).ConfigureAwait(false);
        }

        if (await FindAddressAsync(registry, new FeeToken(), cancellationToken).ConfigureAwait(false) is { } token)
            await MakeTokensAsync(token, amount, cancellationToken).ConfigureAwait(false);
        return await SendAsync(
            registry, new Deposit { Payer = payer.ToString(), Amount = amount.Value }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets how long withdrawals that are requested from now on are locked, through the registry's setting: whole seconds,
    /// up to 7 days, at first 0 in a stand-in.
    /// </summary>
    public async Task<TransactionReceipt> SetWithdrawLockAsync(TimeSpan period, CancellationToken cancellationToken)
    {
        var registry = new PayerRegistryContract(rpc, ChainAddresses.PayerRegistry);
        var seconds = (uint)period.TotalSeconds;
        var set = await SetParametersAsync(
            registry.Address, [("xmtp.payerRegistry.withdrawLockPeriod", seconds)], cancellationToken).ConfigureAwait(false);

        // The registry refuses to take over what it has already.
        var has = (await registry.GetWithdrawLockPeriodAsync(cancellationToken).ConfigureAwait(false)).OrThrow();
        return has == TimeSpan.FromSeconds(seconds)
            ? set
            : await SendAsync(registry.Address, new UpdateWithdrawLockPeriod(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Charges payers of a stand-in for usage without a report; a balance may drop below zero.</summary>
    public Task<TransactionReceipt> SettleUsageAsync(
        Bytes32 reportId, IReadOnlyList<(EthereumAddress Payer, Microdollars Fee)> fees, CancellationToken cancellationToken) => SendAsync(
        ChainAddresses.PayerRegistry,
        new SettleUsage
        {
            PayerReportId = reportId.ToArray(),
            Fees = [.. fees.Select(fee => new PayerFee { Payer = fee.Payer.ToString(), Fee = fee.Fee.Value })],
        },
        cancellationToken);

    /// <summary>Requests a withdrawal of a payer whose account is unlocked on the chain.</summary>
    public Task<TransactionReceipt> RequestWithdrawalAsync(
        EthereumAddress payer, Microdollars amount, CancellationToken cancellationToken) =>
        SendAsync(ChainAddresses.PayerRegistry, new RequestWithdrawal { Amount = amount.Value }, cancellationToken, payer);

    /// <summary>Cancels a withdrawal and returns its money to the balance.</summary>
    public Task<TransactionReceipt> CancelWithdrawalAsync(EthereumAddress payer, CancellationToken cancellationToken) =>
        SendAsync(ChainAddresses.PayerRegistry, new CancelWithdrawal(), cancellationToken, payer);

    /// <summary>Finalizes a withdrawal and pays its money out.</summary>
    public Task<TransactionReceipt> FinalizeWithdrawalAsync(EthereumAddress payer, CancellationToken cancellationToken) =>
        SendAsync(ChainAddresses.PayerRegistry, new FinalizeWithdrawal { Recipient = payer.ToString() }, cancellationToken, payer);

    /// <summary>Submits a usage report of an originator to a stand-in. A zero root is a report without payers.</summary>
    public Task<TransactionReceipt> SubmitReportAsync(
        uint originator,
        ulong startSequenceId,
        ulong endSequenceId,
        uint endMinute,
        Bytes32 root,
        IReadOnlyList<uint> nodeIds,
        IReadOnlyList<uint> signers,
        CancellationToken cancellationToken) => SendAsync(
        ChainAddresses.PayerReportManager,
        new SubmitReport
        {
            OriginatorNodeId = originator,
            StartSequenceId = startSequenceId,
            EndSequenceId = endSequenceId,
            EndMinuteSinceEpoch = endMinute,
            PayersMerkleRoot = root.ToArray(),
            NodeIds = [.. nodeIds],
            Signatures = [.. signers.Select(id => new NodeSignature { NodeId = id })],
        },
        cancellationToken);

    /// <summary>Charges the next payers of a stand-in's report.</summary>
    /// <param name="originator">The originator of the report.</param>
    /// <param name="index">The report's number among this originator's, from 0.</param>
    /// <param name="payersInReport">The number of payers in the whole report.</param>
    /// <param name="fees">The payers to charge now.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task<TransactionReceipt> SettleReportAsync(
        uint originator,
        ulong index,
        uint payersInReport,
        IReadOnlyList<(EthereumAddress Payer, Microdollars Fee)> fees,
        CancellationToken cancellationToken) =>
        SettleReportInPicodollarsAsync(
            originator,
            index,
            payersInReport,
            [.. fees.Select(fee => (fee.Payer, fee.Fee.Value * PicodollarsInMicrodollar))],
            cancellationToken);

    /// <summary>
    /// Charges the next payers of a stand-in's report by the fees in the report: in picodollars, of which each payer is
    /// charged whole microdollars, rounded up.
    /// </summary>
    /// <param name="originator">The originator of the report.</param>
    /// <param name="index">The report's number among this originator's, from 0.</param>
    /// <param name="payersInReport">The number of payers in the whole report.</param>
    /// <param name="fees">The payers to charge now, in picodollars.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public Task<TransactionReceipt> SettleReportInPicodollarsAsync(
        uint originator,
        ulong index,
        uint payersInReport,
        IReadOnlyList<(EthereumAddress Payer, Int128 Picodollars)> fees,
        CancellationToken cancellationToken) => SendAsync(
        ChainAddresses.PayerReportManager,
        new SettleReport
        {
            OriginatorNodeId = originator,
            PayerReportIndex = index,
            PayerFees = [.. fees.Select(fee => Encode(new ABIValue("address", fee.Payer.ToString()), Number(fee.Picodollars)))],
            ProofElements = [Encode(Number(payersInReport))],
        },
        cancellationToken);

    private const long PicodollarsInMicrodollar = 1_000_000;

    private async Task MakeTokensAsync(EthereumAddress token, Microdollars amount, CancellationToken cancellationToken)
    {
        var stablecoin = await FindAddressAsync(token, new Underlying(), cancellationToken).ConfigureAwait(false)
            ?? throw new RpcException(RpcError.Malformed("underlying", $"{token} has no stablecoin behind it"));
        await SendAsync(
            stablecoin,
            new Mint { To = DevAccounts.Administrator.ToString(), Amount = amount.Value },
            cancellationToken).ConfigureAwait(false);
        await SendAsync(
            stablecoin, new Approve { Spender = token.ToString(), Amount = amount.Value }, cancellationToken).ConfigureAwait(false);
        await SendAsync(token, new Wrap { Amount = amount.Value }, cancellationToken).ConfigureAwait(false);
        await SendAsync(
            token,
            new Approve { Spender = ChainAddresses.PayerRegistry.ToString(), Amount = amount.Value },
            cancellationToken).ConfigureAwait(false);
    }

    private static byte[] Encode(params ABIValue[] values) => new ABIEncode().GetABIEncoded(values);

    private static ABIValue Number(System.Numerics.BigInteger value) => new("uint256", value);
}
