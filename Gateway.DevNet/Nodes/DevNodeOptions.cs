using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.DevNet.Nodes.Indexing;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>Options of one node of the local network.</summary>
public sealed class DevNodeOptions
{
    /// <summary>The originator id. The real network uses 100, 200, …; ids below 100 are the App Chain's.</summary>
    public required uint NodeId { get; init; }

    /// <summary>The address of this machine that it listens on, and that the registry contains; default 127.0.0.1.</summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0, the default, picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>Returns the rates in force; called for each publish. Default: free.</summary>
    public Func<CancellationToken, ValueTask<NodeRates>> Rates { get; init; } = _ => ValueTask.FromResult(NodeRates.Free);

    /// <summary>The payers' balances; null lets every payer publish without a balance.</summary>
    public IPayerLedger? Ledger { get; init; }

    /// <summary>The App Chain's WebSocket URL (ws or wss); its order is served as originators 0 and 1. Null for none.</summary>
    public Uri? AppChain { get; init; }

    /// <summary>
    /// The node's existing envelopes, to which it adds; the node disposes it. Null starts empty, in memory.
    /// </summary>
    public EnvelopeStore? Store { get; init; }

    /// <summary>
    /// When each App Chain envelope was read first, shared by the nodes of a network; null for an instance of the
    /// node's own.
    /// </summary>
    internal ChainTimes? ChainTimes { get; init; }

    /// <summary>
    /// Whether ReplicationApi is restricted to the nodes that it follows and UNAUTHENTICATED for all others. Default:
    /// open to everyone.
    /// </summary>
    public bool RequireNodeAuth { get; init; }

    /// <summary>The clock of originator times and expiry.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The node's logging; default none.</summary>
    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
}
