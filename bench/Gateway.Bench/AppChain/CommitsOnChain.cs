using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>A commit that a chain has.</summary>
/// <param name="SequenceId">Its place in the order of all commits.</param>
/// <param name="Sender">The account that sent it.</param>
/// <param name="Nonce">The nonce with which it was sent.</param>
/// <param name="Block">The block that has it.</param>
internal sealed record CommitOnChain(ulong SequenceId, EthereumAddress Sender, ulong Nonce, ulong Block);

/// <summary>The commits that a chain has.</summary>
internal static class CommitsOnChain
{
    /// <summary>How often each commit is there, by the bytes of its client envelope in hexadecimal.</summary>
    public static async Task<Dictionary<string, int>> CountAsync(EthereumRpc rpc, CancellationToken cancellationToken) =>
        (await ReadAsync(rpc, cancellationToken)).GroupBy(one => one.Key).ToDictionary(group => group.Key, group => group.Count());

    /// <summary>Where each commit is and who sent it, by the bytes of its client envelope in hexadecimal.</summary>
    public static async Task<ILookup<string, CommitOnChain>> FindAsync(EthereumRpc rpc, CancellationToken cancellationToken)
    {
        var commits = await ReadAsync(rpc, cancellationToken);
        var transactions = new Dictionary<Bytes32, TransactionInfo>();
        foreach (var block in commits.Select(one => one.Log.BlockNumber).Distinct())
        {
            foreach (var transaction in (await rpc.GetBlockTransactionsAsync(BlockTag.At(block), cancellationToken)).OrThrow())
                transactions[transaction.Hash] = transaction;
        }

        return commits.ToLookup(one => one.Key, one => Of(one.SequenceId, one.Log.BlockNumber, transactions[one.Log.TransactionHash]));
    }

    private static CommitOnChain Of(ulong sequenceId, ulong block, TransactionInfo transaction) =>
        new(sequenceId, transaction.From, transaction.Nonce, block);

    private static async Task<List<(LogEntry Log, string Key, ulong SequenceId)>> ReadAsync(
        EthereumRpc rpc, CancellationToken cancellationToken)
    {
        var filter = new LogFilter { Addresses = [ChainAddresses.GroupMessageBroadcaster], FromBlock = BlockTag.Earliest };
        List<(LogEntry, string, ulong)> commits = [];
        foreach (var log in (await rpc.GetLogsAsync(filter, cancellationToken)).OrThrow())
        {
            if (GroupMessageBroadcasterContract.TryReadMessageSent(log, out var sent))
                commits.Add((log, Convert.ToHexString(sent.Message.Span), sent.SequenceId));
        }

        return commits;
    }
}
