using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>The commits that a chain has.</summary>
internal static class CommitsOnChain
{
    /// <summary>How often each commit is there, by the bytes of its client envelope in hexadecimal.</summary>
    public static async Task<Dictionary<string, int>> CountAsync(EthereumRpc rpc, CancellationToken cancellationToken)
    {
        var filter = new LogFilter { Addresses = [ChainAddresses.GroupMessageBroadcaster], FromBlock = BlockTag.Earliest };
        var logs = (await rpc.GetLogsAsync(filter, cancellationToken)).OrThrow();
        return logs.Select(log => GroupMessageBroadcasterContract.TryReadMessageSent(log, out var sent) ? sent : null)
            .OfType<MessageSent>()
            .GroupBy(sent => Convert.ToHexString(sent.Message.Span))
            .ToDictionary(group => group.Key, group => group.Count());
    }
}
