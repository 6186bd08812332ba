using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>The NodeRegistry on the settlement chain: which nodes there are, and which of them are the network.</summary>
public sealed class NodeRegistryContract(EthereumRpc rpc, EthereumAddress address)
{
    /// <summary>getAllNodes()</summary>
    public static readonly ContractFunction GetAllNodes = new("getAllNodes()");

    /// <summary>getCanonicalNodes()</summary>
    public static readonly ContractFunction GetCanonicalNodes = new("getCanonicalNodes()");

    /// <summary>getNode(uint32)</summary>
    public static readonly ContractFunction GetNode = new("getNode(uint32)");

    /// <summary>A node was added.</summary>
    public static readonly Bytes32 NodeAddedTopic = Bytes32.Parse("0x9b385c30e390e1e15ab8a2e34c4caa40b3c59882c17185fcbc3f87b2bf6658a4");

    /// <summary>NodeAddedToCanonicalNetwork(uint32 indexed nodeId)</summary>
    public static readonly Bytes32 NodeAddedToCanonicalNetworkTopic = AbiSignature.Topic("NodeAddedToCanonicalNetwork(uint32)");

    /// <summary>NodeRemovedFromCanonicalNetwork(uint32 indexed nodeId)</summary>
    public static readonly Bytes32 NodeRemovedFromCanonicalNetworkTopic = AbiSignature.Topic("NodeRemovedFromCanonicalNetwork(uint32)");

    /// <summary>HttpAddressUpdated(uint32 indexed nodeId, string httpAddress)</summary>
    public static readonly Bytes32 HttpAddressUpdatedTopic = AbiSignature.Topic("HttpAddressUpdated(uint32,string)");

    private readonly ContractReader reader = new(rpc, address);

    /// <summary>Where the contract is.</summary>
    public EthereumAddress Address => reader.Address;

    /// <summary>Every node that was ever added, canonical or not.</summary>
    public Task<RpcResult<IReadOnlyList<RegisteredNode>>> GetAllNodesAsync(CancellationToken cancellationToken) =>
        reader.ReadAsync(GetAllNodes, ReadNodes, cancellationToken);

    /// <summary>The nodes of the network.</summary>
    public Task<RpcResult<IReadOnlyList<RegisteredNode>>> GetCanonicalNodesAsync(CancellationToken cancellationToken) =>
        reader.ReadAsync(GetCanonicalNodes, ReadNodes, cancellationToken);

    /// <summary>One node. One that does not exist is a revert.</summary>
    public Task<RpcResult<RegisteredNode>> GetNodeAsync(uint nodeId, CancellationToken cancellationToken) =>
        reader.ReadAsync(GetNode, GetNode.Encode(new AbiWriter().UInt(nodeId)), result => RegisteredNode.ReadNode(nodeId, result.DynamicTuple()), cancellationToken);

    private static IReadOnlyList<RegisteredNode> ReadNodes(AbiReader result) => result.Array(RegisteredNode.ReadWithId);
}
