using System.Net;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>A rule by which callers belong to a payer. A caller has to match all of what one rule names.</summary>
internal abstract record PayerRule;

/// <summary>Callers with a valid token. All texts are compared exactly; at least one is named.</summary>
/// <param name="Issuer">Its <c>iss</c>; null for any that is accepted.</param>
/// <param name="Audience">One of its <c>aud</c>; null for any that is accepted.</param>
/// <param name="Claim">The name of a claim whose value is a text; null for none.</param>
/// <param name="Value">The value of that claim; null without a claim.</param>
internal sealed record TokenRule(string? Issuer, string? Audience, string? Claim, string? Value) : PayerRule;

/// <summary>Callers that send a key in a header.</summary>
/// <param name="Header">The header, in lower case.</param>
/// <param name="Sha256">The SHA-256 of the key's UTF-8 bytes.</param>
internal sealed record HeaderRule(string Header, Bytes32 Sha256) : PayerRule;

/// <summary>Callers of a range of addresses.</summary>
/// <param name="Range">IPv4, or IPv6 of at most 64 bits.</param>
internal sealed record AddressRule(IPNetwork Range) : PayerRule;
