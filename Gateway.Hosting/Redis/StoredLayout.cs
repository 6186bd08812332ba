using System.Globalization;
using StackExchange.Redis;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// The layout versions of the data in a Redis, by kind, in one hash under the key prefix: a release refuses to start on
/// data that a later one wrote.
/// </summary>
/// <remarks>
/// They are written at the start, and again each second where they are missing: a store may be emptied or replaced while
/// gateways use it. A version is raised when the format that earlier releases write changes, and a release that raises one also reads
/// the version before. Nonces have a version of their own in each nonce store (<c>@layout</c>), which is checked at use. A
/// missing version means the first: releases before these versions wrote that.
/// </remarks>
internal static class StoredLayout
{
    /// <summary>
    /// The version of each kind in the shared store: published envelopes, rate limits with budgets, spending by identity, and the
    /// funds by hour.
    /// </summary>
    internal static readonly IReadOnlyDictionary<string, int> Shared =
        new Dictionary<string, int> { ["results"] = 1, ["limits"] = 1, ["usage"] = 1, ["funds"] = 1 };

    /// <summary>The version of the responses on a server of their own.</summary>
    internal static readonly IReadOnlyDictionary<string, int> Answers = new Dictionary<string, int> { ["answers"] = 1 };

    /// <summary>The start fault for data that a later release wrote.</summary>
    /// <param name="flag">The flag and variable of the server.</param>
    /// <param name="kinds">The kinds of data; at least one.</param>
    internal static string Fault(string flag, params IEnumerable<string> kinds) =>
        $"{flag}: a later release of the gateway wrote the {string.Join(" and the ", kinds)} there, in a layout that this one does not " +
        $"know; expected that release or a later one";

    /// <summary>The key of the hash.</summary>
    internal static string KeyOf(string keyPrefix) => keyPrefix + "layout";

    /// <summary>Compares the versions, and writes those of this release unless one is newer.</summary>
    /// <returns>The kinds that a later release wrote.</returns>
    /// <exception cref="RedisException">The store does not respond or refuses.</exception>
    internal static async Task<IReadOnlyList<string>> FindNewerAsync(
        IDatabaseAsync store, string keyPrefix, IReadOnlyDictionary<string, int> versions)
    {
        RedisValue[] arguments = [.. versions.SelectMany(
            kind => new RedisValue[] { kind.Key, kind.Value.ToString(CultureInfo.InvariantCulture) })];
        var newer = (RedisValue[]?)await store.ScriptEvaluateAsync(
            RedisStoreScripts.Layout, [KeyOf(keyPrefix)], arguments).ConfigureAwait(false);
        return [.. (newer ?? []).Select(kind => kind.ToString())];
    }
}
