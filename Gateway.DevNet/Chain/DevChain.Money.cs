using System.Numerics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Chain;

/// <content>Rates, payers' balances, and reports of usage.</content>
public sealed partial class DevChain
{
    /// <summary>Adds rates. Their start must be later than that of the last ones.</summary>
    public Task<TransactionReceipt> AddRatesAsync(Rates rates, CancellationToken cancellationToken) => SendAsync(
        ChainAddresses.RateRegistry,
        StandInFunctions.AddRates,
        new AbiWriter().UInt(rates.MessageFee).UInt(rates.StorageFee).UInt(rates.CongestionFee).UInt(rates.TargetRatePerMinute).UInt(rates.StartTime),
        cancellationToken);

    /// <summary>Puts money into a payer's balance.</summary>
    public Task<TransactionReceipt> DepositAsync(EthereumAddress payer, Microdollars amount, CancellationToken cancellationToken) =>
        SendAsync(ChainAddresses.PayerRegistry, StandInFunctions.Deposit, new AbiWriter().Address(payer).Int(amount.Value), cancellationToken);

    /// <summary>Charges payers for usage without a report; a balance may go below zero.</summary>
    public Task<TransactionReceipt> SettleUsageAsync(Bytes32 reportId, IReadOnlyList<(EthereumAddress Payer, Microdollars Fee)> fees, CancellationToken cancellationToken) => SendAsync(
        ChainAddresses.PayerRegistry,
        StandInFunctions.SettleUsage,
        new AbiWriter().FixedBytes(reportId.ToArray()).Array(fees, (writer, fee) => writer.Address(fee.Payer).Int(fee.Fee.Value)),
        cancellationToken);

    /// <summary>Begins a withdrawal of a payer whose account the chain has unlocked.</summary>
    public Task<TransactionReceipt> RequestWithdrawalAsync(EthereumAddress payer, Microdollars amount, CancellationToken cancellationToken) =>
        SendAsync(payer, ChainAddresses.PayerRegistry, StandInFunctions.RequestWithdrawal.Encode(new AbiWriter().Int(amount.Value)), cancellationToken);

    /// <summary>Puts the money of a withdrawal back.</summary>
    public Task<TransactionReceipt> CancelWithdrawalAsync(EthereumAddress payer, CancellationToken cancellationToken) =>
        SendAsync(payer, ChainAddresses.PayerRegistry, StandInFunctions.CancelWithdrawal.Encode(), cancellationToken);

    /// <summary>Takes the money of a withdrawal out.</summary>
    public Task<TransactionReceipt> FinalizeWithdrawalAsync(EthereumAddress payer, CancellationToken cancellationToken) =>
        SendAsync(payer, ChainAddresses.PayerRegistry, StandInFunctions.FinalizeWithdrawal.Encode(new AbiWriter().Address(payer)), cancellationToken);

    /// <summary>Submits a report of an originator's usage. A root of zero is a report without payers.</summary>
    public Task<TransactionReceipt> SubmitReportAsync(
        uint originator, ulong startSequenceId, ulong endSequenceId, uint endMinute, Bytes32 root, IReadOnlyList<uint> nodeIds, IReadOnlyList<uint> signers, CancellationToken cancellationToken) => SendAsync(
        ChainAddresses.PayerReportManager,
        StandInFunctions.Submit,
        new AbiWriter().UInt(originator).UInt(startSequenceId).UInt(endSequenceId).UInt(endMinute).FixedBytes(root.ToArray())
            .Array(nodeIds, (writer, id) => writer.UInt(id))
            .Array(signers, (writer, id) => writer.DynamicTuple(signature => signature.UInt(id).Bytes(new byte[65]))),
        cancellationToken);

    /// <summary>Charges the next payers of a report.</summary>
    /// <param name="originator">The originator that the report is about.</param>
    /// <param name="index">The report's number among this originator's, from 0.</param>
    /// <param name="payersInReport">How many payers the whole report has.</param>
    /// <param name="fees">The payers that are charged now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<TransactionReceipt> SettleReportAsync(
        uint originator, ulong index, uint payersInReport, IReadOnlyList<(EthereumAddress Payer, Microdollars Fee)> fees, CancellationToken cancellationToken) => SendAsync(
        ChainAddresses.PayerReportManager,
        StandInFunctions.Settle,
        new AbiWriter().UInt(originator).UInt(index)
            .Array(fees, (writer, fee) => writer.Bytes(new AbiWriter().Address(fee.Payer).Int((BigInteger)fee.Fee.Value).ToArray()))
            .Array([payersInReport], (writer, count) => writer.UInt(count)),
        cancellationToken);
}
