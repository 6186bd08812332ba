using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.DevNet.Nodes.Indexing;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>How one node of the local network runs.</summary>
public sealed class DevNodeOptions
{
    /// <summary>The originator id. The real network counts 100, 200, …; ids below 100 are the App Chain's.</summary>
    public required uint NodeId { get; init; }

    /// <summary>The address of this machine that it listens on, and that the registry tells; 127.0.0.1 by default.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 takes a free one, the default.</summary>
    public int Port { get; init; }

    /// <summary>The rates in force; asked for each publish. Default: free.</summary>
    public Func<CancellationToken, ValueTask<NodeRates>> Rates { get; init; } = _ => ValueTask.FromResult(NodeRates.Free);

    /// <summary>Who can pay; null lets every payer publish without a balance.</summary>
    public IPayerLedger? Ledger { get; init; }

    /// <summary>The App Chain's WebSocket, ws or wss, whose order the node serves as originators 0 and 1; null for none.</summary>
    public Uri? AppChain { get; init; }

    /// <summary>
    /// What the node has from before, and adds to; the node closes it when it stops. Null begins with nothing, in
    /// memory.
    /// </summary>
    public EnvelopeStore? Store { get; init; }

    /// <summary>When each envelope of the App Chain was read first, shared by the nodes of a network; null for a node of its own.</summary>
    internal ChainTimes? ChainTimes { get; init; }

    /// <summary>
    /// Whether ReplicationApi is for the nodes that it follows alone: UNAUTHENTICATED to all others. Default: it is for
    /// everyone.
    /// </summary>
    public bool RequireNodeAuth { get; init; }

    /// <summary>The clock behind originator times and expiry.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the node logs; default nowhere.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
}
