namespace Xmtp.Gateway.Identity;

/// <summary>Who is asking. Two requests of one client have equal identities; limits and budgets hang on it.</summary>
/// <param name="Kind">Which resolver named it, such as <c>address</c> or <c>jwt</c>: identities of two kinds never meet.</param>
/// <param name="Value">The name within the kind, such as <c>203.0.113.7</c>, <c>2001:db8:1:2::/64</c> or a user id.</param>
public sealed record ClientIdentity(string Kind, string Value);
