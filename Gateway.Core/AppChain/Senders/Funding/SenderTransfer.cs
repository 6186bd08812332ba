using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>Transfers gas of the payer to one sender, by the payer's own nonces.</summary>
/// <remarks>
/// The caller has the lease of the ledger. The nonce store is asked for a transfer to the sender that may still be mined, then the
/// balances are read, then the amount is counted, then the transaction is stored, and it is sent only while the lease has certainly not
/// ended: so of two replicas one sees the transaction of the other, or the other does not send it.
/// </remarks>
internal sealed partial class SenderTransfer(
    IFundingLedger ledger,
    TransactionManager manager,
    NonceManager nonces,
    GasLimits gas,
    FeeOracle fees,
    ChainAccount payer,
    SenderHealth health,
    FundingMetrics metrics,
    AppChainTransactionOptions options,
    TimeProvider time,
    ILogger<SenderTransfer> logger)
{
    private const string PayloadType = "transfer_gas";
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private readonly FundingLog _refusals = new(metrics, time, logger);

    /// <summary>The store did not answer, so that nothing is transferred.</summary>
    internal void NoteUnavailable() => _refusals.Store();

    /// <summary>Transfers what a sender lacks, if its balance is below the level.</summary>
    /// <param name="owner">Who has the lease.</param>
    /// <param name="sender">The sender.</param>
    /// <param name="levels">The levels.</param>
    /// <param name="cancellationToken">Ends the wait: what was sent stays in flight.</param>
    internal async Task TryAsync(string owner, EthereumAddress sender, FundingLevels levels, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Wait, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            var inDoubt = await HeldTopics.HasInDoubtAsync(nonces, [FundingKey.Of(sender).ToString()], linked.Token).ConfigureAwait(false);
            if (inDoubt is null) _refusals.Store();
            if (inDoubt is not false || await LackOfAsync(sender, levels, linked.Token).ConfigureAwait(false) is not { } amount) return;
            var sureSince = time.GetTimestamp();
            var grant = await ledger.SpendAsync(
                new FundingRequest(owner, sender, amount, levels.MinAmount, levels.MaxPerDay), linked.Token).ConfigureAwait(false);
            if (grant.Status != FundingStatus.Unavailable)
                metrics.Left(levels.MaxPerDay > grant.Spent ? levels.MaxPerDay - grant.Spent : 0);
            if (grant.Status == FundingStatus.Done) await SendAsync(sender, grant, sureSince, cancellationToken).ConfigureAwait(false);
            else if (grant.Status == FundingStatus.Capped) _refusals.Day(sender, levels);
            else if (grant.Status == FundingStatus.Unavailable) _refusals.Store();
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            // Nothing was sent; a count without an answer stays spent.
        }
    }

    // What the sender lacks in gwei; null when it lacks nothing, or the payer cannot pay for it.
    private async ValueTask<ulong?> LackOfAsync(EthereumAddress sender, FundingLevels levels, CancellationToken timeoutToken)
    {
        var (senderTask, payerTask) = (payer.Rpc.GetBalanceAsync(sender, BlockTag.Latest, timeoutToken),
            payer.Rpc.GetBalanceAsync(payer.Address, BlockTag.Latest, timeoutToken));
        await Task.WhenAll(senderTask, payerTask).ConfigureAwait(false);
        if (!(await senderTask.ConfigureAwait(false)).TryGet(out var has, out var error)
            || !(await payerTask.ConfigureAwait(false)).TryGet(out var own, out error))
        {
            _refusals.Chain(sender, error.ToString());
            return null;
        }

        metrics.Own(own);
        // Rounded up, so that no sender gets more than the level.
        var gwei = (has.Amount + (FundingLevels.WeiOfGwei - 1)) / FundingLevels.WeiOfGwei;
        if (has.Amount >= (UInt128)levels.Below * FundingLevels.WeiOfGwei || gwei >= levels.To) return null;
        var amount = levels.To - (ulong)gwei;
        var limit = await gas.LimitWhenServedAsync(sender, default, timeoutToken).ConfigureAwait(false);
        if (limit.Error is { } unknown)
        {
            _refusals.Chain(sender, unknown.ToString());
            return null;
        }

        // The payer keeps what another transfer costs, and so can replace this one at a higher price.
        var fee = (await fees.QuoteAsync(refresh: false, timeoutToken).ConfigureAwait(false)).MaxFee * limit.Value;
        if (own >= (Wei.FromGwei(amount) + (fee * 2))) return amount;
        _refusals.Payer(payer.Address, sender, own);
        return null;
    }

    private async Task SendAsync(EthereumAddress sender, FundingGrant grant, long sureSince, CancellationToken cancellationToken)
    {
        var request = new TransactionRequest(sender, default, PayloadType)
        {
            Value = Wei.FromGwei(grant.Amount),
            PayloadKey = FundingKey.Of(sender),
            MayBeSent = () => time.GetElapsedTime(sureSince) < options.NonceStore.Lease * 3 / 4,
        };
        var outcome = (await manager.SubmitAsync([request], Wait, cancellationToken).ConfigureAwait(false))[0];
        outcome.OnPersisted?.Invoke();
        // One that is mined later has no result that is stored anywhere else.
        _ = PendingTransactionOutcome.PersistedWhenSettledAsync(outcome.Settles);
        if (!outcome.WasSent && outcome.End is TransactionEnd.NotPublished or TransactionEnd.NoFunds or TransactionEnd.TimedOut)
        {
            await ledger.RefundAsync(grant, sender).ConfigureAwait(false);
            _refusals.Chain(sender, outcome.Error?.ToString() ?? outcome.End.ToString());
            return;
        }

        metrics.Sent(sender, grant.Amount);
        if (outcome.End == TransactionEnd.Mined)
        {
            health.MarkPaid(sender);
            LogSent(logger, grant.Amount, sender, grant.Spent);
        }
        else
        {
            LogInDoubt(logger, grant.Amount, sender, outcome.End);
        }
    }

    [LoggerMessage(
        EventId = EventIds.SenderTransferMined,
        Level = LogLevel.Information,
        Message = "transferred {Amount} gwei of gas to the sender {Sender}; {Spent} gwei were transferred today (UTC)")]
    private static partial void LogSent(ILogger logger, ulong amount, EthereumAddress sender, ulong spent);

    [LoggerMessage(
        EventId = EventIds.SenderTransferInDoubt,
        Level = LogLevel.Warning,
        Message = "a transfer of {Amount} gwei of gas to the sender {Sender} was sent and is not known to be mined ({End}); it counts as " +
            "spent, and the sender gets no other one while it may be mined")]
    private static partial void LogInDoubt(ILogger logger, ulong amount, EthereumAddress sender, TransactionEnd end);
}
