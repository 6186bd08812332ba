using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>
/// Reads the payer's funds from both chains. The head is read first, so that a reading is at least as new as its block.
/// </summary>
internal static class FundsReader
{
    internal static async Task<RpcResult<PayerReading>> ReadPayerAsync(
        CostChainClients chains, EthereumAddress payer, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!(await chains.Settlement.GetBlockNumberAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var block, out var error))
            return error;
        var (balanceTask, pendingTask) = (chains.PayerRegistry.GetBalanceAsync(
            payer, cancellationToken), chains.PayerRegistry.GetPendingWithdrawalAsync(payer, cancellationToken));
        await Task.WhenAll(balanceTask, pendingTask).ConfigureAwait(false);
        if (!(await balanceTask.ConfigureAwait(false)).TryGet(out var balance, out error)
            || !(await pendingTask.ConfigureAwait(false)).TryGet(out var pending, out error))
        {
            return error;
        }
        return new PayerReading(balance, pending.Amount, block, time.GetUtcNow()) { WithdrawableAt = pending.WithdrawableAt };
    }

    internal static async Task<RpcResult<GasReading>> ReadGasAsync(
        CostChainClients chains, EthereumAddress payer, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!(await chains.App.GetBlockNumberAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var block, out var error))
            return error;
        if (!(await chains.App.GetBalanceAsync(payer, BlockTag.Latest, cancellationToken).ConfigureAwait(false))
            .TryGet(out var balance, out error))
        {
            return error;
        }
        return new GasReading(balance, block, time.GetUtcNow());
    }

    /// <summary>Reads the gas of a payer's senders: the lowest balance counts, since each sends for topics of its own.</summary>
    internal static async Task<RpcResult<GasReading>> ReadGasAsync(
        CostChainClients chains, GasAccounts accounts, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!(await chains.App.GetBlockNumberAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var block, out var error))
            return error;
        var senders = new List<(EthereumAddress Sender, Wei Balance)>(accounts.All.Count);
        foreach (var account in accounts.All)
        {
            if (!(await chains.App.GetBalanceAsync(account, BlockTag.Latest, cancellationToken).ConfigureAwait(false))
                .TryGet(out var balance, out error))
            {
                return error;
            }

            senders.Add((account, balance));
        }

        return new GasReading(senders.MinBy(one => one.Balance.Amount).Balance, block, time.GetUtcNow()) { Senders = senders };
    }
}
