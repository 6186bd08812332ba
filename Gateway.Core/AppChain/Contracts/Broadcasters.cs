using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>The two contracts that order envelopes.</summary>
internal sealed class Broadcasters
{
    public Broadcasters(
        ChainReader endpoint, AppChainOptions chain, ILogger<ContractState> logger, UnreachableEndpoints? unreachable = null)
    {
        var (rpc, transport) = (endpoint.Rpc, endpoint.Rpc.Transport);
        var groups = new GroupMessageBroadcasterContract(rpc, chain.GroupMessageBroadcaster);
        var identities = new IdentityUpdateBroadcasterContract(rpc, chain.IdentityUpdateBroadcaster);
        Groups = new GroupMessages(groups, new ContractState(groups, "GroupMessageBroadcaster", logger, transport, unreachable));
        Identities = new IdentityUpdates(
            identities, new ContractState(identities, "IdentityUpdateBroadcaster", logger, transport, unreachable));
    }

    /// <summary>Orders group commits and proposals.</summary>
    internal Broadcaster Groups { get; }

    /// <summary>Orders identity updates.</summary>
    internal Broadcaster Identities { get; }

    internal IReadOnlyList<Broadcaster> All => [Groups, Identities];

    /// <summary>The broadcaster that orders an envelope.</summary>
    internal Broadcaster Of(ParsedEnvelope envelope) => envelope.Payload == PayloadKind.IdentityUpdate ? Identities : Groups;

    /// <summary>Reads the size bounds and paused state of both contracts.</summary>
    internal Task RefreshAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(All.Select(broadcaster => broadcaster.State.RefreshAsync(cancellationToken)));
}
