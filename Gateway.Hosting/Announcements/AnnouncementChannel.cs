using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Announcements;

/// <summary>What watcher and gateways agree on: a channel of Redis for each settlement chain, and words in it.</summary>
/// <remarks>A message is <c>nodes-changed 1234</c>: the kind, and the block that the watcher has read up to. More words may follow one day.</remarks>
internal static class AnnouncementChannel
{
    private static readonly (AnnouncementKind Kind, string Word)[] Words =
    [
        (AnnouncementKind.NodesChanged, "nodes-changed"),
        (AnnouncementKind.RatesChanged, "rates-changed"),
        (AnnouncementKind.PauseChanged, "pause-changed"),
        (AnnouncementKind.BalanceChanged, "balance-changed"),
    ];

    /// <summary>The channel.</summary>
    internal static RedisChannel Of(RedisOptions redis, ContractsOptions contracts) =>
        RedisChannel.Literal(string.Create(CultureInfo.InvariantCulture, $"{redis.KeyPrefix}announcements:{contracts.SettlementChain.ChainId}"));

    /// <summary>A message.</summary>
    internal static string Write(AnnouncementKind kind, ulong block) =>
        string.Create(CultureInfo.InvariantCulture, $"{Words.First(word => word.Kind == kind).Word} {block}");

    /// <summary>Reads a message; null for one of a kind that this version does not know.</summary>
    internal static AnnouncementKind? Read(string? message)
    {
        var word = message?.Split(' ', 2)[0];
        foreach (var known in Words)
            if (known.Word == word) return known.Kind;
        return null;
    }
}
