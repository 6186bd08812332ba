using System.Net;
using Xmtp.Gateway.Hosting;

namespace Xmtp.Gateway.DevNet;

/// <summary>What a local network consists of.</summary>
public sealed record DevNetOptions
{
    /// <summary>The most nodes that a local network has.</summary>
    public const int MaxNodes = 20;

    /// <summary>The ports. Default: free ones; the program's default is <see cref="DevNetPorts.Documented"/>.</summary>
    public DevNetPorts Ports { get; init; } = DevNetPorts.Free;

    /// <summary>
    /// The address of this machine that the chain and the nodes listen on, and are registered with; 127.0.0.1 by
    /// default. The gateway and the page stay on 127.0.0.1.
    /// </summary>
    public IPAddress Host { get; init; } = IPAddress.Loopback;

    /// <summary>How many nodes, 1 to <see cref="MaxNodes"/>; default 2. Their ids are 100, 200, …</summary>
    public int Nodes { get; init; } = 2;

    /// <summary>A chain that has the contracts already, over http; null, the default, starts an Anvil with stand-ins.</summary>
    public Uri? Chain { get; init; }

    /// <summary>The one part to start; null, the default, starts all of it.</summary>
    public DevNetPart? Only { get; init; }

    /// <summary>Our chain mines each so often, in whole seconds of at least 1; null, the default, mines each transaction at once.</summary>
    public TimeSpan? BlockTime { get; init; }

    /// <summary>With a block time: our chain mines each transaction at once as well.</summary>
    public bool MixedMining { get; init; }

    /// <summary>
    /// A folder in which the chain and the nodes keep what they have across restarts; null, the default, keeps it in
    /// memory.
    /// </summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// Whether nodes refuse a payer whose balance does not cover the fees, as real ones do. Default: they publish for
    /// everyone.
    /// </summary>
    public bool EnforceBalance { get; init; }

    /// <summary>
    /// Whether the nodes' ReplicationApi is for nodes alone, and UNAUTHENTICATED to all others, as on real nodes that
    /// are told so. Default: it is for everyone.
    /// </summary>
    public bool RequireNodeAuth { get; init; }

    /// <summary>More flags for the gateway; they win over those of the network.</summary>
    public IReadOnlyList<string> GatewayArguments { get; init; } = [];

    /// <summary>What an extended gateway adds, such as an authorizer; runs right after <c>AddXmtpGateway</c>.</summary>
    public Action<XmtpGatewayBuilder>? ConfigureGateway { get; init; }

    /// <summary>Where the gateway and the nodes log. Default: warnings and worse to the standard error.</summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; init; }

    /// <summary>Told what happens while it starts, a line at a time; default nobody.</summary>
    public Action<string>? Progress { get; init; }

    internal int NodesToStart => Only == DevNetPart.Chain ? 0 : Nodes;
}
