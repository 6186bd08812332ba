using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Notifications;

/// <summary>The protocol between watcher and gateways: a Redis channel per settlement chain, and its messages.</summary>
/// <remarks>
/// A message is <c>nodes-changed 1234</c>: the kind, and the block up to which the watcher has read. Later versions may
/// append more words.
/// </remarks>
internal static class ChangeChannel
{
    private static readonly (ChangeKind Kind, string Word)[] Words =
    [
        (ChangeKind.NodesChanged, "nodes-changed"),
        (ChangeKind.RatesChanged, "rates-changed"),
        (ChangeKind.PauseChanged, "pause-changed"),
        (ChangeKind.BalanceChanged, "balance-changed"),
    ];

    /// <summary>The name of the channel.</summary>
    internal static RedisChannel Of(RedisOptions redis, ContractsOptions contracts) =>
        RedisChannel.Literal(
            string.Create(CultureInfo.InvariantCulture, $"{redis.KeyPrefix}announcements:{contracts.SettlementChain.ChainId}"));

    /// <summary>Writes a message.</summary>
    internal static string Write(ChangeKind kind, ulong block) =>
        string.Create(CultureInfo.InvariantCulture, $"{Words.First(word => word.Kind == kind).Word} {block}");

    /// <summary>Reads a message; null for a kind that this version does not know.</summary>
    internal static ChangeKind? Read(string? message)
    {
        var word = message?.Split(' ', 2)[0];
        foreach (var known in Words)
            if (known.Word == word) return known.Kind;
        return null;
    }
}
