using System.Globalization;
using StackExchange.Redis;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// The layout versions of what is kept in a Redis, by kind, in one hash under the key prefix: a release refuses to
/// start on what a later one wrote.
/// </summary>
/// <remarks>
/// A version rises when what an earlier release wrote is written differently, and a release that raises one reads the one
/// before. Nonces carry a version of their own in each book (<c>@layout</c>), which is checked where they are used.
/// A version that was never written is the first: releases before these versions wrote that.
/// </remarks>
internal static class StoredLayout
{
    /// <summary>The version of each kind in the shared store: what was published, and rate limits with budgets.</summary>
    internal static readonly IReadOnlyDictionary<string, int> Shared = new Dictionary<string, int> { ["results"] = 1, ["limits"] = 1 };

    /// <summary>The version of the answers on a server of their own.</summary>
    internal static readonly IReadOnlyDictionary<string, int> Answers = new Dictionary<string, int> { ["answers"] = 1 };

    /// <summary>The fault of a start on what a later release wrote.</summary>
    /// <param name="flag">Which server: its flag and variable.</param>
    /// <param name="kinds">What was written; at least one.</param>
    internal static string Fault(string flag, params IEnumerable<string> kinds) =>
        $"{flag}: a later release of the gateway wrote the {string.Join(" and the ", kinds)} there, in a layout that this one does not " +
        $"know; expected that release or a later one";

    /// <summary>The key of the hash.</summary>
    internal static string KeyOf(string keyPrefix) => keyPrefix + "layout";

    /// <summary>Compares, and writes the versions of this release where nothing is newer.</summary>
    /// <returns>The kinds that a later release wrote.</returns>
    /// <exception cref="RedisException">The store does not answer or refuses.</exception>
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
