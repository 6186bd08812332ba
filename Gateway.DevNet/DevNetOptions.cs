using System.Net;
using Xmtp.Gateway.Hosting;

namespace Xmtp.Gateway.DevNet;

/// <summary>Options of a local network.</summary>
public sealed record DevNetOptions
{
    /// <summary>The max number of nodes of a local network.</summary>
    public const int MaxNodes = 20;

    /// <summary>The ports. Default: free ones; the default of the program is <see cref="DevNetPorts.Documented"/>.</summary>
    public DevNetPorts Ports { get; init; } = DevNetPorts.Free;

    /// <summary>
    /// The address of this machine that the chain and the nodes listen on, and with which the nodes are registered;
    /// default 127.0.0.1. The gateway and the page stay on 127.0.0.1.
    /// </summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>The number of nodes, 1 to <see cref="MaxNodes"/>; default 2. Their ids are 100, 200, …</summary>
    public int Nodes { get; init; } = 2;

    /// <summary>The URL of a chain that already has the contracts; null, the default, starts an Anvil with stand-ins.</summary>
    public Uri? Chain { get; init; }

    /// <summary>The only part to start; null, the default, starts everything.</summary>
    public DevNetPart? Only { get; init; }

    /// <summary>
    /// The block time of the started chain, in whole seconds of at least 1; null, the default, mines each transaction
    /// at once.
    /// </summary>
    public TimeSpan? BlockTime { get; init; }

    /// <summary>Mine each transaction at once as well, when there is a block time.</summary>
    public bool MixedMining { get; init; }

    /// <summary>
    /// A folder in which the chain and the nodes keep their data across restarts; null, the default, keeps it in
    /// memory.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// Whether nodes refuse a payer whose balance does not cover the fees, as real ones do. Default: no balance check.
    /// </summary>
    public bool EnforceBalance { get; init; }

    /// <summary>
    /// Whether the nodes' ReplicationApi is restricted to nodes and UNAUTHENTICATED for all others, as on real nodes
    /// with that setting. Default: open to everyone.
    /// </summary>
    public bool RequireNodeAuth { get; init; }

    /// <summary>More flags for the gateway; they override those of the network.</summary>
    public IReadOnlyList<string> GatewayArguments { get; init; } = [];

    /// <summary>Extends the gateway, for example with an authorizer; runs right after <c>AddXmtpGateway</c>.</summary>
    public Action<XmtpGatewayBuilder>? ConfigureGateway { get; init; }

    /// <summary>The logging of the gateway and the nodes. Default: warnings and errors to standard error.</summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; init; }

    /// <summary>Receives the progress of the start, one line at a time; default none.</summary>
    public Action<string>? Progress { get; init; }

    internal int NodesToStart => Only == DevNetPart.Chain ? 0 : Nodes;
}
