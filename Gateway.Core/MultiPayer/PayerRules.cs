using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The rules of all payers, by what they compare.</summary>
/// <remarks>
/// A token or a key is found by its hash, however many payers there are; ranges of addresses are compared one by one. Immutable.
/// </remarks>
internal sealed class PayerRules
{
    private readonly Dictionary<TokenRule, string> _tokens = [];
    private readonly Dictionary<HeaderRule, string> _headers = [];
    private readonly List<(IPNetwork Range, string Payer)> _addresses = [];
    private readonly TokenShape[] _shapes;
    private readonly string[] _headerNames;

    /// <summary>Indexes the rules.</summary>
    internal PayerRules(IEnumerable<PayerEntry> payers)
    {
        foreach (var payer in payers)
        {
            foreach (var rule in payer.Callers)
            {
                if (rule is TokenRule token) _tokens.TryAdd(token, payer.Name);
                else if (rule is HeaderRule header) _headers.TryAdd(header, payer.Name);
                else if (rule is AddressRule address) _addresses.Add((address.Range, payer.Name));
            }
        }

        _shapes = [.. _tokens.Keys.Select(TokenShape.Of).Distinct()];
        _headerNames = [.. _headers.Keys.Select(rule => rule.Header).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Whether any rule is about tokens.</summary>
    internal bool AskForTokens => _tokens.Count > 0;

    /// <summary>The issuers that rules name.</summary>
    internal IEnumerable<string> Issuers => _tokens.Keys.Select(rule => rule.Issuer).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>The headers with keys, in lower case.</summary>
    internal IReadOnlyList<string> Headers => _headerNames;

    /// <summary>Whether a call belongs to a payer by its key or its address, so that it needs no token.</summary>
    internal bool KnowWithoutToken(IHeaderDictionary headers, IPAddress? address) => Find(null, headers, address) != PayerSelection.None;

    /// <summary>Finds the payer of a caller.</summary>
    /// <param name="token">What its token says; null without a token.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="address">Its address; null when it has none.</param>
    internal PayerSelection Find(VerifiedToken? token, IHeaderDictionary headers, IPAddress? address)
    {
        var found = default(Match);
        if (token is not null)
        {
            foreach (var shape in _shapes)
                foreach (var rule in shape.Matching(token))
                    if (_tokens.TryGetValue(rule, out var payer)) found.Add(payer);
        }

        FindByKey(headers, ref found);
        if (address is not null)
        {
            foreach (var (range, payer) in _addresses)
                if (range.Contains(address)) found.Add(payer);
        }

        return found.AreSeveral ? PayerSelection.Several : found.Payer is { } one ? PayerSelection.Of(one) : PayerSelection.None;
    }

    /// <summary>
    /// The faults of rules that one caller could match for two payers: rules of one kind that no issuer, audience or claim tells apart,
    /// one key, or ranges with addresses in common.
    /// </summary>
    internal static IEnumerable<string> Overlaps(IReadOnlyList<PayerEntry> payers)
    {
        var rules = payers.SelectMany((payer, i) => payer.Callers.Select(rule => (Rule: rule, Payer: payer))).ToList();
        var pairs = TokenOverlaps([.. rules.Where(one => one.Rule is TokenRule)])
            .Concat(rules.Where(one => one.Rule is HeaderRule).GroupBy(one => one.Rule).SelectMany(same => Pairs([.. same])))
            .Concat(AddressOverlaps([.. rules.Where(one => one.Rule is AddressRule)]));
        return pairs.Distinct().Select(pair => $"{pair.Later.Place}: callers: one caller could match a rule of it and one of " +
            $"{pair.Earlier.Name}; expected rules that exclude each other");
    }

    private static IEnumerable<(PayerEntry Earlier, PayerEntry Later)> TokenOverlaps(
        IReadOnlyList<(PayerRule Rule, PayerEntry Payer)> rules)
    {
        var shapes = rules.GroupBy(one => TokenShape.Of((TokenRule)one.Rule)).ToList();
        for (var i = 0; i < shapes.Count; i++)
        {
            foreach (var pair in shapes[i].GroupBy(one => one.Rule).SelectMany(same => Pairs([.. same]))) yield return pair;
            for (var j = i + 1; j < shapes.Count; j++)
            {
                // A rule of one shape excludes one of another only by what both compare.
                var both = shapes[i].Key.And(shapes[j].Key);
                var others = shapes[j].ToLookup(one => both.PartOf((TokenRule)one.Rule));
                foreach (var one in shapes[i])
                {
                    if (others[both.PartOf((TokenRule)one.Rule)].FirstOrDefault(other => other.Payer != one.Payer).Payer is { } later)
                        yield return (one.Payer, later);
                }
            }
        }
    }

    private static IEnumerable<(PayerEntry Earlier, PayerEntry Later)> AddressOverlaps(
        IReadOnlyList<(PayerRule Rule, PayerEntry Payer)> rules)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            for (var j = i + 1; j < rules.Count; j++)
            {
                var (left, right) = (((AddressRule)rules[i].Rule).Range, ((AddressRule)rules[j].Rule).Range);
                if (rules[i].Payer != rules[j].Payer && (left.Contains(right.BaseAddress) || right.Contains(left.BaseAddress)))
                    yield return (rules[i].Payer, rules[j].Payer);
            }
        }
    }

    // The first payer of a group, with each other one.
    private static IEnumerable<(PayerEntry Earlier, PayerEntry Later)> Pairs(IReadOnlyList<(PayerRule Rule, PayerEntry Payer)> same) =>
        same.Skip(1).Where(one => one.Payer != same[0].Payer).Select(one => (same[0].Payer, one.Payer));

    private void FindByKey(IHeaderDictionary headers, ref Match found)
    {
        foreach (var name in _headerNames)
        {
            if (HashOf(headers, name) is { } hash && _headers.TryGetValue(new HeaderRule(name, hash), out var payer)) found.Add(payer);
        }
    }

    // Who sends a header twice has no key: proxies and servers take different ones of them.
    private static Bytes32? HashOf(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var values) && values is [{ Length: > 0 } key]
            ? new Bytes32(SHA256.HashData(Encoding.UTF8.GetBytes(key)))
            : null;

    private struct Match
    {
        internal string? Payer { get; private set; }

        internal bool AreSeveral { get; private set; }

        internal void Add(string payer)
        {
            if (Payer is null) Payer = payer;
            else if (!string.Equals(Payer, payer, StringComparison.Ordinal)) AreSeveral = true;
        }
    }
}
