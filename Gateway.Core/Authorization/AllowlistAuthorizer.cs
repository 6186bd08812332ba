using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization;

/// <summary>Allows the identities of a list: user ids as in the token, or client addresses and CIDR ranges.</summary>
/// <remarks>An IPv6 address stands for its /64, as in identities. An empty list allows nobody.</remarks>
public sealed class AllowlistAuthorizer : ICallerAuthorizer
{
    private static readonly AuthorizationDecision NotListed = AuthorizationDecision.Deny(
        "the caller is not on the allowlist");
    private readonly HashSet<string> _names;
    private readonly IPNetwork[] _networks;

    /// <summary>Creates it from a list; blanks around entries are trimmed.</summary>
    public AllowlistAuthorizer(IEnumerable<string> identities)
    {
        ArgumentNullException.ThrowIfNull(identities);
        _names = identities.Select(entry => entry.Trim()).Where(entry => entry.Length > 0).ToHashSet(StringComparer.Ordinal);
        _networks = [.. _names.Select(Network).OfType<IPNetwork>()];
    }

    /// <summary>Whether the list contains addresses or ranges.</summary>
    internal bool HasAddresses => _networks.Length > 0;

    /// <inheritdoc/>
    public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publish);
        return ValueTask.FromResult(IsListed(publish.Identity) ? AuthorizationDecision.Allow : NotListed);
    }

    /// <inheritdoc/>
    public ValueTask<AuthorizationDecision> AuthorizeAsync(
        ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return ValueTask.FromResult(IsListed(caller) ? AuthorizationDecision.Allow : NotListed);
    }

    private bool IsListed(ClientIdentity identity)
    {
        if (_names.Contains(identity.Value)) return true;
        if (identity.Kind != ClientAddressIdentityResolver.Kind || _networks.Length == 0) return false;
        return IPAddress.TryParse(identity.Value.Split('/')[0], out var address)
            && Array.Exists(_networks, network => network.Contains(address));
    }

    // "1" parses as an address, but is meant as a user id.
    private static IPNetwork? Network(string entry)
    {
        if (entry.Contains('/', StringComparison.Ordinal)) return IPNetwork.TryParse(entry, out var network) ? Widen(network) : null;
        if (ClientAddress.Read(entry) is not { } address) return null;
        return Widen(new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32));
    }

    private static IPNetwork Widen(IPNetwork network) =>
        network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6 && network.PrefixLength > 64
            ? IPNetwork.Parse(ClientAddress.Name(network.BaseAddress))
            : network;
}
