namespace Xmtp.Gateway.DevNet;

/// <summary>The ports of a local network, all on 127.0.0.1. 0 takes a free one.</summary>
/// <param name="Gateway">gRPC, gRPC-Web and Connect.</param>
/// <param name="Web">The HTTP/1.1 protocols once more; -1 for none.</param>
/// <param name="Metrics">Prometheus.</param>
/// <param name="Chain">JSON-RPC over HTTP and WebSocket.</param>
/// <param name="FirstNode">The first node's; the others follow it.</param>
public sealed record DevNetPorts(int Gateway, int Web, int Metrics, int Chain, int FirstNode)
{
    /// <summary>The ports that the documentation names: 5050, 5055, 8008, 8545, and nodes from 5061.</summary>
    public static DevNetPorts Documented { get; } = new(5050, 5055, 8008, 8545, 5061);

    /// <summary>Every port a free one.</summary>
    public static DevNetPorts Free { get; } = new(0, 0, 0, 0, 0);

    /// <summary>All ports together from a base: the gateway at N, web at N+5, metrics at N+8, the chain at N+9, nodes from N+11. 0 takes free ones.</summary>
    public static DevNetPorts From(int portBase) => portBase == 0 ? Free : new(portBase, portBase + 5, portBase + 8, portBase + 9, portBase + 11);

    /// <summary>The port of a node, counted from 0.</summary>
    public int Node(int index) => FirstNode == 0 ? 0 : FirstNode + index;
}
