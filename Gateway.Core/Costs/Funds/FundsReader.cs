using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>
/// Reads the payer's funds from both chains. The head is read first, so that a reading is at least as new as its block.
/// </summary>
internal static class FundsReader
{
    internal static Task<RpcResult<PayerReading>> ReadPayerAsync(
        CostChainClients chains, EthereumAddress payer, TimeProvider time, CancellationToken cancellationToken) =>
        ReadPayerAsync(chains.Settlement, chains.PayerRegistry, payer, time, cancellationToken);

    internal static async Task<RpcResult<PayerReading>> ReadPayerAsync(
        EthereumRpc settlement,
        PayerRegistryContract registry,
        EthereumAddress payer,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!(await settlement.GetBlockNumberAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var block, out var error))
            return error;
        var (balanceTask, pendingTask) = (
            registry.GetBalanceAsync(payer, cancellationToken), registry.GetPendingWithdrawalAsync(payer, cancellationToken));
        await Task.WhenAll(balanceTask, pendingTask).ConfigureAwait(false);
        if (!(await balanceTask.ConfigureAwait(false)).TryGet(out var balance, out error)
            || !(await pendingTask.ConfigureAwait(false)).TryGet(out var pending, out error))
        {
            return error;
        }
        return new PayerReading(balance, pending.Amount, block, time.GetUtcNow()) { WithdrawableAt = pending.WithdrawableAt };
    }

    internal static Task<RpcResult<GasReading>> ReadGasAsync(
        CostChainClients chains, EthereumAddress payer, TimeProvider time, CancellationToken cancellationToken) =>
        ReadGasAsync(chains.App, payer, time, cancellationToken);

    internal static async Task<RpcResult<GasReading>> ReadGasAsync(
        EthereumRpc app, EthereumAddress payer, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!(await app.GetBlockNumberAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var block, out var error))
            return error;
        if (!(await app.GetBalanceAsync(payer, BlockTag.Latest, cancellationToken).ConfigureAwait(false))
            .TryGet(out var balance, out error))
        {
            return error;
        }
        return new GasReading(balance, block, time.GetUtcNow());
    }

    /// <summary>Reads the gas of a payer's senders: the lowest balance counts, since each sends for topics of its own.</summary>
    internal static async Task<RpcResult<GasReading>> ReadGasAsync(
        EthereumRpc app, GasAccounts accounts, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!(await app.GetBlockNumberAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var block, out var error))
            return error;
        var reads = await Task.WhenAll(accounts.All.Select(
            account => app.GetBalanceAsync(account, BlockTag.Latest, cancellationToken))).ConfigureAwait(false);
        var senders = new List<(EthereumAddress Sender, Wei Balance)>(reads.Length);
        for (var i = 0; i < reads.Length; i++)
        {
            if (!reads[i].TryGet(out var balance, out error)) return error;
            senders.Add((accounts.All[i], balance));
        }

        return new GasReading(senders.MinBy(one => one.Balance.Amount).Balance, block, time.GetUtcNow()) { Senders = senders };
    }
}
