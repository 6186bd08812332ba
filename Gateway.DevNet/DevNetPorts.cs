namespace Xmtp.Gateway.DevNet;

/// <summary>The ports of a local network, all on 127.0.0.1. 0 takes a free one.</summary>
/// <param name="Gateway">gRPC, gRPC-Web and Connect.</param>
/// <param name="Web">The HTTP/1.1 protocols once more; -1 for none.</param>
/// <param name="Metrics">Prometheus.</param>
/// <param name="Chain">JSON-RPC over HTTP and WebSocket.</param>
/// <param name="FirstNode">The first node's; the others follow it, past the page's.</param>
/// <param name="Page">The demo in the browser; -1, the default, for none.</param>
/// <param name="Control">Where nodes are made sick, killed and started; -1, the default, for none.</param>
public sealed record DevNetPorts(int Gateway, int Web, int Metrics, int Chain, int FirstNode, int Page = -1, int Control = -1)
{
    /// <summary>The ports that the documentation names: 5050, 5055, 8008, 8545, the page 5070, and nodes from 5061.</summary>
    public static DevNetPorts Documented { get; } = new(5050, 5055, 8008, 8545, 5061, 5070);

    /// <summary>Every port a free one.</summary>
    public static DevNetPorts Free { get; } = new(0, 0, 0, 0, 0);

    /// <summary>
    /// All ports together from a base: the gateway at N, web at N+5, metrics at N+8, the chain at N+9, nodes from N+11,
    /// the page at N+20. 0 takes free ones.
    /// </summary>
    public static DevNetPorts From(int portBase) =>
        portBase == 0 ? Free with { Page = 0 } : new(portBase, portBase + 5, portBase + 8, portBase + 9, portBase + 11, portBase + 20);

    /// <summary>The port of a node, counted from 0.</summary>
    public int Node(int index) => FirstNode == 0 ? 0 : FirstNode + index is var port && port >= Page && Page > FirstNode ? port + 1 : port;
}
