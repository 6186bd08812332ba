using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Identity;

/// <summary>The caller. All requests of one client have equal identities; limits and budgets are counted by it.</summary>
/// <param name="Kind">
/// The resolver that determined it, such as <c>address</c> or <c>jwt</c>; different kinds are never equal.
/// </param>
/// <param name="Value">The name within the kind, such as <c>203.0.113.7</c>, <c>2001:db8:1:2::/64</c> or a user id.</param>
public sealed record ClientIdentity(string Kind, string Value)
{
    /// <summary>
    /// The name of the payer that pays for the caller, where the gateway has several; null where it has one, and before a payer was
    /// selected. Limits, budgets and results of one client are kept apart by it.
    /// </summary>
    public string? Payer { get; internal init; }

    /// <summary>
    /// The wallet that pays the caller's messages in place of the payer's; null where the payer pays. One caller with and without it is
    /// equal: limits and results are kept under the caller, whoever pays.
    /// </summary>
    internal ISigner? Wallet { get; init; }

    /// <inheritdoc/>
    public bool Equals(ClientIdentity? other) =>
        other is not null && Kind == other.Kind && Value == other.Value && Payer == other.Payer;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Value, Payer);

    /// <summary>Whether one wallet pays the messages of both.</summary>
    internal static bool ArePaidTogether(ClientIdentity? one, ClientIdentity? other) =>
        one?.Payer == other?.Payer && one?.Wallet?.Address == other?.Wallet?.Address;
}
