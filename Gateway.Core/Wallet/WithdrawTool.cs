using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Wallet;

/// <summary>Withdraws money from the payer registry: a request, a lock, and a payout to the wallet in stablecoins.</summary>
internal sealed class WithdrawTool(PayerWallet wallet, WalletTransactions transactions, WalletConsole console)
{
    private const int Hour = 3_600;

    /// <summary>Requests a withdrawal. The amount leaves the balance at once, and can be paid out when the lock has ended.</summary>
    /// <exception cref="WalletException">It was not requested, or whether it was is not known yet.</exception>
    internal async Task RequestAsync(Microdollars amount, CancellationToken cancellationToken)
    {
        var pending = await wallet.ReadPendingAsync(cancellationToken).ConfigureAwait(false);
        if (pending.Amount.Value > 0)
        {
            throw new WalletException(
                $"a withdrawal of {DollarAmount.Show(pending.Amount)} is pending already, locked until {Time(pending.WithdrawableAt)}: " +
                "end it with --finalize or --cancel first; nothing was sent");
        }

        var balance = await wallet.ReadBalanceAsync(cancellationToken).ConfigureAwait(false);
        if (amount > balance)
        {
            throw new WalletException(
                $"the balance is {DollarAmount.Show(balance)}, less than {DollarAmount.Show(amount)}; nothing was sent");
        }

        var data = PayerRegistryContract.RequestWithdrawal.Encode(new AbiWriter().UInt((UInt128)amount.Value));
        var request = await PlanAsync("request", data, cancellationToken).ConfigureAwait(false);
        var locked = await wallet.Registry.GetWithdrawLockPeriodAsync(cancellationToken).ConfigureAwait(false);
        await transactions.ConfirmAsync(
            [
                ("withdraw", DollarAmount.Show(amount)),
                ("from", $"the balance of {wallet.Address} in the payer registry {wallet.Registry.Address}"),
                ("to", "the same wallet, in stablecoins, when you finalize it"),
                ("lock", locked.IsOk ? Span(locked.Value) : "unknown"),
            ],
            [request],
            cancellationToken).ConfigureAwait(false);
        var receipt = await transactions.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var until = receipt.Logs
            .Select(log => PayerRegistryEvents.TryReadWithdrawalRequested(log, out var requested) ? requested.Withdrawal : null)
            .FirstOrDefault(withdrawal => withdrawal is not null);
        var when = until is null ? "" : $"finalize      {Time(until.WithdrawableAt)} or later";
        await ReportAsync("requested", amount, receipt, when, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the pending withdrawal to the balance.</summary>
    /// <exception cref="WalletException">It was not cancelled, or whether it was is not known yet.</exception>
    internal async Task CancelAsync(CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(cancellationToken).ConfigureAwait(false);
        var cancel = await PlanAsync("cancel", PayerRegistryContract.CancelWithdrawal.Encode(), cancellationToken).ConfigureAwait(false);
        await transactions.ConfirmAsync(
            [
                ("cancel", $"the withdrawal of {DollarAmount.Show(pending.Amount)}"),
                ("to", $"the balance of {wallet.Address} in the payer registry {wallet.Registry.Address}"),
            ],
            [cancel],
            cancellationToken).ConfigureAwait(false);
        var receipt = await transactions.SendAsync(cancel, cancellationToken).ConfigureAwait(false);
        await ReportAsync("cancelled", pending.Amount, receipt, "", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pays the pending withdrawal out to the wallet, in stablecoins.</summary>
    /// <exception cref="WalletException">It was not paid out, or whether it was is not known yet.</exception>
    internal async Task FinalizeAsync(CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(cancellationToken).ConfigureAwait(false);
        var balance = await wallet.ReadBalanceAsync(cancellationToken).ConfigureAwait(false);
        if (balance.Value < 0)
        {
            throw new WalletException(
                $"the balance is {DollarAmount.Show(balance)}: a payer in debt is paid nothing; deposit or cancel first; nothing was sent");
        }

        if (await wallet.LockLeftAsync(pending, cancellationToken).ConfigureAwait(false) is { Ticks: > 0 } left)
        {
            throw new WalletException(
                $"the withdrawal of {DollarAmount.Show(pending.Amount)} is locked until {Time(pending.WithdrawableAt)}, another " +
                $"{Span(left)}; nothing was sent");
        }

        var data = PayerRegistryContract.FinalizeWithdrawalIntoUnderlying.Encode(new AbiWriter().Address(wallet.Address));
        var finalize = await PlanAsync("finalize", data, cancellationToken).ConfigureAwait(false);
        await transactions.ConfirmAsync(
            [
                ("pay out", DollarAmount.Show(pending.Amount)),
                ("from", $"the payer registry {wallet.Registry.Address}"),
                ("to", $"{wallet.Address}, in stablecoins"),
            ],
            [finalize],
            cancellationToken).ConfigureAwait(false);
        var receipt = await transactions.SendAsync(finalize, cancellationToken).ConfigureAwait(false);
        await ReportAsync("paid out", pending.Amount, receipt, "", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A time in Unix seconds, as text in UTC.</summary>
    internal static string Time(uint seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("u", CultureInfo.InvariantCulture);

    /// <summary>A span in days, hours and minutes, or in seconds.</summary>
    internal static string Span(TimeSpan span) => span.TotalSeconds < 2 * Hour
        ? $"{(long)Math.Ceiling(span.TotalSeconds)} s"
        : $"{(int)span.TotalDays} d {span.Hours} h {span.Minutes} min";

    private async Task<PendingWithdrawal> PendingAsync(CancellationToken cancellationToken)
    {
        var pending = await wallet.ReadPendingAsync(cancellationToken).ConfigureAwait(false);
        return pending.Amount.Value > 0 ? pending : throw new WalletException("no withdrawal is pending; nothing was sent");
    }

    private Task<PlannedTransaction> PlanAsync(string name, byte[] data, CancellationToken cancellationToken) =>
        transactions.PlanAsync(name, wallet.Registry.Address, data, cancellationToken);

    private async Task ReportAsync(
        string done, Microdollars amount, TransactionReceipt receipt, string more, CancellationToken cancellationToken)
    {
        var output = console.Output;
        await output.WriteLineAsync($"{done,-14}{DollarAmount.Show(amount)}").ConfigureAwait(false);
        await output.WriteLineAsync($"transaction   {receipt.TransactionHash} in block {receipt.BlockNumber}").ConfigureAwait(false);
        if (more.Length > 0) await output.WriteLineAsync(more).ConfigureAwait(false);
        var balance = await wallet.ShowBalanceAsync(cancellationToken).ConfigureAwait(false);
        await output.WriteLineAsync($"balance       {balance}").ConfigureAwait(false);
    }
}
