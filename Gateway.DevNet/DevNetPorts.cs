namespace Xmtp.Gateway.DevNet;

/// <summary>The ports of a local network. 0 picks a free one.</summary>
/// <param name="Gateway">gRPC, gRPC-Web and Connect.</param>
/// <param name="Web">The HTTP/1.1 protocols on a port of their own; -1 for none.</param>
/// <param name="Metrics">Prometheus.</param>
/// <param name="Chain">JSON-RPC over HTTP and WebSocket.</param>
/// <param name="FirstNode">The port of the first node; the others follow it, skipping the page's.</param>
/// <param name="Page">The browser demo; -1, the default, for none.</param>
/// <param name="Control">The control of nodes: faults, kill and start; -1, the default, for none.</param>
public sealed record DevNetPorts(int Gateway, int Web, int Metrics, int Chain, int FirstNode, int Page = -1, int Control = -1)
{
    /// <summary>The documented ports: gateway 5050, web 5055, metrics 8008, chain 8545, page 5070, and nodes from 5061.</summary>
    public static DevNetPorts Documented { get; } = new(5050, 5055, 8008, 8545, 5061, 5070);

    /// <summary>Free ports for everything.</summary>
    public static DevNetPorts Free { get; } = new(0, 0, 0, 0, 0);

    /// <summary>
    /// All ports relative to a base: the gateway at N, web at N+5, metrics at N+8, the chain at N+9, nodes from N+11,
    /// the page at N+20. 0 picks free ones.
    /// </summary>
    public static DevNetPorts From(int portBase) =>
        portBase == 0 ? Free with { Page = 0 } : new(portBase, portBase + 5, portBase + 8, portBase + 9, portBase + 11, portBase + 20);

    /// <summary>The port of the node with this index, from 0.</summary>
    public int Node(int index) => FirstNode == 0 ? 0 : FirstNode + index is var port && port >= Page && Page > FirstNode ? port + 1 : port;
}
