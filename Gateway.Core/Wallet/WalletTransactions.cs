using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.Wallet;

/// <summary>A transaction that a command is about to send.</summary>
/// <param name="Name">What it does, such as <c>approve</c>.</param>
/// <param name="To">The contract.</param>
/// <param name="Data">The call.</param>
/// <param name="Gas">Its estimated gas.</param>
/// <param name="IsAssumed">Whether the chain cannot estimate it yet, because an earlier transaction has to be mined first.</param>
internal sealed record PlannedTransaction(string Name, EthereumAddress To, byte[] Data, ulong Gas, bool IsAssumed);

/// <summary>Plans, confirms and sends the wallet's transactions on the settlement chain, one after the other.</summary>
/// <remarks>
/// Nothing is sent while an earlier transaction of the wallet waits for its block: a command that is repeated because its
/// first transaction was slow would do everything twice.
/// </remarks>
internal sealed class WalletTransactions(PayerWallet wallet, PayerArguments asked, WalletConsole console)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(5);
    private static readonly Wei MaxGasPrice = Wei.FromGwei(1_000);

    // The endpoint names the tip; the settlement chain's blocks are not full.
    private static readonly Wei MaxTip = Wei.FromGwei(5);

    // An endpoint of several servers may count a transaction that was just mined later than it shows its receipt.
    private ulong _next;

    // What was shown and confirmed: the price, and what is left of the max cost.
    private FeeQuote? _shown;
    private Wei _left;

    /// <summary>Estimates a call.</summary>
    /// <exception cref="WalletException">The contract would refuse it, or the chain does not answer.</exception>
    internal async Task<PlannedTransaction> PlanAsync(
        string name, EthereumAddress to, byte[] data, CancellationToken cancellationToken)
    {
        var call = new CallRequest(to, data) { From = wallet.Address };
        var estimate = await wallet.Rpc.EstimateGasAsync(call, cancellationToken).ConfigureAwait(false);
        if (!estimate.TryGet(out var gas, out var error))
            throw new WalletException($"{name}: it would be refused: {PayerWallet.Words(error)}; it was not sent");
        return new PlannedTransaction(name, to, data, gas, IsAssumed: false);
    }

    /// <summary>Shows the plan, checks that the wallet can pay its gas, and asks.</summary>
    /// <exception cref="WalletException">The answer is no, or the wallet cannot pay.</exception>
    internal async Task ConfirmAsync(
        IReadOnlyList<(string Name, string Value)> lines, IReadOnlyList<PlannedTransaction> plan, CancellationToken cancellationToken)
    {
        await RefuseWhileWaitingAsync(cancellationToken).ConfigureAwait(false);
        await ConfirmAsync(lines, plan, await QuoteAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Shows a transaction in place of one that waits, at twice the price of the moment, checks the gas, and asks.</summary>
    /// <exception cref="WalletException">The answer is no, or the wallet cannot pay.</exception>
    internal async Task ConfirmReplacementAsync(
        IReadOnlyList<(string Name, string Value)> lines, PlannedTransaction planned, CancellationToken cancellationToken)
    {
        var quote = await QuoteAsync(cancellationToken).ConfigureAwait(false);
        await ConfirmAsync(
            lines, [planned], quote with { MaxFee = quote.MaxFee * 2, Tip = quote.Tip * 2 }, cancellationToken).ConfigureAwait(false);
    }

    private async Task ConfirmAsync(
        IReadOnlyList<(string Name, string Value)> lines,
        IReadOnlyList<PlannedTransaction> plan,
        FeeQuote quote,
        CancellationToken cancellationToken)
    {
        var cost = plan.Aggregate(Wei.Zero, (sum, one) => sum + (quote.MaxFee * Limit(one.Gas)));
        foreach (var (name, value) in lines) await console.TellAsync($"{name,-14}{value}").ConfigureAwait(false);
        foreach (var one in plan)
        {
            var about = one.IsAssumed ? "at most about" : "about";
            await console.TellAsync($"{"transaction",-14}{one.Name} at {one.To}, {about} {one.Gas} gas").ConfigureAwait(false);
        }

        await console.TellAsync($"{"gas",-14}at most {Ether(cost)} on chain {wallet.ChainId}").ConfigureAwait(false);
        await RefuseWithoutGasAsync(cost, cancellationToken).ConfigureAwait(false);
        _shown = quote;
        _left = cost;
        if (!asked.IsConfirmed && !await console.ConfirmAsync("Send it?", cancellationToken).ConfigureAwait(false))
            throw new WalletException("not confirmed; nothing was sent");
    }

    /// <summary>Sends a transaction and waits for its block.</summary>
    /// <returns>The receipt of a transaction that succeeded.</returns>
    /// <exception cref="WalletException">It was refused or reverted, or its outcome is not known yet.</exception>
    internal async Task<TransactionReceipt> SendAsync(PlannedTransaction planned, CancellationToken cancellationToken)
    {
        var nonce = await RefuseWhileWaitingAsync(cancellationToken).ConfigureAwait(false);
        return await SendAsync(planned, nonce, isReplacement: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a transaction in place of the one that waits at this nonce, and waits for its block.</summary>
    /// <returns>The receipt.</returns>
    /// <exception cref="WalletException">It was refused, the other one was mined, or the outcome is not known yet.</exception>
    internal Task<TransactionReceipt> ReplaceAsync(PlannedTransaction planned, ulong nonce, CancellationToken cancellationToken) =>
        SendAsync(planned, nonce, isReplacement: true, cancellationToken);

    private async Task<TransactionReceipt> SendAsync(
        PlannedTransaction planned, ulong nonce, bool isReplacement, CancellationToken cancellationToken)
    {
        var quote = await ConfirmedQuoteAsync(planned, cancellationToken).ConfigureAwait(false);
        var signed = await quote.Write(wallet.ChainId, nonce, planned.To, planned.Data, Limit(planned.Gas))
            .SignAsync(wallet.Signer, cancellationToken).ConfigureAwait(false);
        // Whoever interrupts the command from here on has the hash to look for.
        await console.TellAsync($"{planned.Name}: sending {signed.Hash}").ConfigureAwait(false);
        var sent = await wallet.Rpc.SendRawTransactionAsync(signed.Raw, cancellationToken).ConfigureAwait(false);
        if (sent.Error is { } error)
        {
            if (IsRefusal(error))
                throw new WalletException($"{planned.Name}: the endpoint refused it: {PayerWallet.Words(error)}; it was not sent");
            await console.TellAsync(
                $"{planned.Name}: the endpoint answered {PayerWallet.Words(error)}; it may have it").ConfigureAwait(false);
        }

        _next = nonce + 1;
        await console.TellAsync($"{planned.Name}: waiting for its block").ConfigureAwait(false);
        var receipt = await WaitAsync(planned, signed, isReplacement ? nonce : null, cancellationToken).ConfigureAwait(false);
        if (receipt.Succeeded) return receipt;
        var reason = await ReasonAsync(planned, receipt, cancellationToken).ConfigureAwait(false);
        throw new WalletException(
            $"{planned.Name}: {signed.Hash} was mined in block {receipt.BlockNumber} and refused: {reason}; its gas is paid");
    }

    private static ulong Limit(ulong gas) => gas + (gas / 5);

    private static string Ether(Wei amount) =>
        ((decimal)amount.Amount / 1_000_000_000_000_000_000m).ToString("0.##################", CultureInfo.InvariantCulture) + " ETH";

    // Any other error says nothing about the transaction: an endpoint may have passed it on before it failed, and a nonce that is
    // too low may be the transaction's own.
    private static bool IsRefusal(RpcError error) => error.IsUnsent
        || error.Kind is RpcErrorKind.InsufficientFunds
            or RpcErrorKind.NonceTooHigh
            or RpcErrorKind.Underpriced
            or RpcErrorKind.MethodNotFound
            or RpcErrorKind.Reverted;

    // The price that was shown. It covers six full blocks; after that nothing more is sent than was confirmed.
    private async Task<FeeQuote> ConfirmedQuoteAsync(PlannedTransaction planned, CancellationToken cancellationToken)
    {
        var shown = _shown ?? throw new InvalidOperationException("the plan was not confirmed");
        var block = PayerWallet.Must(
            "the newest block", await wallet.Rpc.GetBlockAsync(BlockTag.Latest, cancellationToken).ConfigureAwait(false));
        var cost = shown.MaxFee * Limit(planned.Gas);
        if (block?.BaseFee > shown.MaxFee || cost > _left)
            throw new WalletException($"{planned.Name}: gas costs more now than was shown; nothing more was sent, repeat the command");
        _left -= cost;
        return shown;
    }

    private async Task<FeeQuote> QuoteAsync(CancellationToken cancellationToken)
    {
        var block = PayerWallet.Must(
            "the newest block", await wallet.Rpc.GetBlockAsync(BlockTag.Latest, cancellationToken).ConfigureAwait(false));
        var quote = block?.BaseFee is { } baseFee
            ? MarketQuote(baseFee, await wallet.Rpc.GetMaxPriorityFeeAsync(cancellationToken).ConfigureAwait(false))
            : LegacyQuote(await wallet.Rpc.GetGasPriceAsync(cancellationToken).ConfigureAwait(false));
        return quote.MaxFee <= MaxGasPrice
            ? quote
            : throw new WalletException($"gas costs {quote.MaxFee} a unit, more than {MaxGasPrice}: the endpoint may be wrong; not sent");
    }

    // Twice the base fee still covers it after six full blocks.
    private static FeeQuote MarketQuote(Wei baseFee, RpcResult<Wei> tip)
    {
        var offered = !tip.IsOk ? Wei.Zero : tip.Value < MaxTip ? tip.Value : MaxTip;
        return new FeeQuote((baseFee * 2) + offered, offered, IsFeeMarket: true);
    }

    private static FeeQuote LegacyQuote(RpcResult<Wei> price)
    {
        var offered = PayerWallet.Must("the gas price", price);
        return new FeeQuote(offered, offered, IsFeeMarket: false);
    }

    private async Task RefuseWithoutGasAsync(Wei cost, CancellationToken cancellationToken)
    {
        var has = PayerWallet.Must(
            "the wallet's balance for gas",
            await wallet.Rpc.GetBalanceAsync(wallet.Address, BlockTag.Latest, cancellationToken).ConfigureAwait(false));
        if (has >= cost) return;
        throw new WalletException(
            $"{wallet.Address} has {Ether(has)} for gas on chain {wallet.ChainId}, less than {Ether(cost)}; nothing was sent");
    }

    // Returns the next nonce.
    private async Task<ulong> RefuseWhileWaitingAsync(CancellationToken cancellationToken)
    {
        var mined = PayerWallet.Must(
            "the wallet's transaction count",
            await wallet.Rpc.GetTransactionCountAsync(wallet.Address, BlockTag.Latest, cancellationToken).ConfigureAwait(false));
        var pending = await wallet.Rpc.GetTransactionCountAsync(wallet.Address, BlockTag.Pending, cancellationToken).ConfigureAwait(false);
        var next = Math.Max(mined, _next);
        if (!pending.IsOk || pending.Value <= next) return next;
        throw new WalletException(
            $"{pending.Value - next} earlier transactions of {wallet.Address} wait for a block on chain {wallet.ChainId}: " +
            "look at them, and repeat the command when they are mined, or cancel the oldest with payer unblock; it sent nothing more");
    }

    private async Task<TransactionReceipt> WaitAsync(
        PlannedTransaction planned, SignedTransaction signed, ulong? replaces, CancellationToken cancellationToken)
    {
        var (since, reported) = (wallet.Time.GetTimestamp(), TimeSpan.Zero);
        while (true)
        {
            var isUsed = await IsUsedAsync(replaces, cancellationToken).ConfigureAwait(false);
            var answer = await wallet.Rpc.GetReceiptAsync(signed.Hash, cancellationToken).ConfigureAwait(false);
            if (answer.Value is { IsStatusKnown: true } receipt) return receipt;
            if (isUsed && answer is { IsOk: true, Value: null })
                throw new WalletException($"{planned.Name}: the earlier transaction was mined first; nothing was cancelled");
            var waited = wallet.Time.GetElapsedTime(since);
            if (waited >= asked.Wait)
            {
                throw new WalletException(
                    $"{planned.Name}: {signed.Hash} was sent and is in no block after {(int)waited.TotalSeconds} s. " +
                    "It may still be mined: look it up before you repeat the command",
                    WalletExit.InDoubt);
            }

            if (waited - reported >= ReportEvery)
            {
                reported = waited;
                await console.TellAsync($"{planned.Name}: still waiting, {(int)waited.TotalSeconds} s").ConfigureAwait(false);
            }

            await Task.Delay(Poll, wallet.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Whether a nonce is that of a mined transaction; false for none.
    private async Task<bool> IsUsedAsync(ulong? nonce, CancellationToken cancellationToken) => nonce is not null
        && (await wallet.Rpc.GetTransactionCountAsync(wallet.Address, BlockTag.Latest, cancellationToken).ConfigureAwait(false))
            .TryGet(out var mined, out _)
        && mined > nonce;

    private async Task<string> ReasonAsync(PlannedTransaction planned, TransactionReceipt receipt, CancellationToken cancellationToken)
    {
        var call = new CallRequest(planned.To, planned.Data) { From = wallet.Address };
        var again = await wallet.Rpc.CallAsync(call, BlockTag.At(receipt.BlockNumber), cancellationToken).ConfigureAwait(false);
        return again.Error is { Kind: RpcErrorKind.Reverted } error ? RevertReason.Of(error.Data) : "the contract gave no reason";
    }
}
