using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>
/// The NodeRegistry on the settlement chain: all nodes, and which of them are in the canonical network.
/// </summary>
public sealed class NodeRegistryContract(EthereumRpc rpc, EthereumAddress address)
{
    /// <summary>getAllNodes()</summary>
    public static readonly ContractFunction GetAllNodes = new("getAllNodes()");

    /// <summary>getCanonicalNodes()</summary>
    public static readonly ContractFunction GetCanonicalNodes = new("getCanonicalNodes()");

    /// <summary>getNode(uint32)</summary>
    public static readonly ContractFunction GetNode = new("getNode(uint32)");

    /// <summary>
    /// NodeAdded(uint32 indexed nodeId, address indexed owner, address indexed signer, bytes signingPublicKey, string
    /// httpAddress)
    /// </summary>
    public static readonly Bytes32 NodeAddedTopic = AbiSignature.Topic("NodeAdded(uint32,address,address,bytes,string)");

    /// <summary>NodeAddedToCanonicalNetwork(uint32 indexed nodeId)</summary>
    public static readonly Bytes32 NodeAddedToCanonicalNetworkTopic = AbiSignature.Topic("NodeAddedToCanonicalNetwork(uint32)");

    /// <summary>NodeRemovedFromCanonicalNetwork(uint32 indexed nodeId)</summary>
    public static readonly Bytes32 NodeRemovedFromCanonicalNetworkTopic = AbiSignature.Topic("NodeRemovedFromCanonicalNetwork(uint32)");

    /// <summary>HttpAddressUpdated(uint32 indexed nodeId, string httpAddress)</summary>
    public static readonly Bytes32 HttpAddressUpdatedTopic = AbiSignature.Topic("HttpAddressUpdated(uint32,string)");

    /// <summary>The four events, as a filter takes them.</summary>
    public static readonly IReadOnlyList<Bytes32> Topics =
        [NodeAddedTopic, NodeAddedToCanonicalNetworkTopic, NodeRemovedFromCanonicalNetworkTopic, HttpAddressUpdatedTopic];

    private readonly ContractReader _reader = new(rpc, address);

    /// <summary>The address of the contract.</summary>
    public EthereumAddress Address => _reader.Address;

    /// <summary>Every node that was ever added, canonical or not.</summary>
    public Task<RpcResult<IReadOnlyList<RegisteredNode>>> GetAllNodesAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(GetAllNodes, ReadNodes, cancellationToken);

    /// <summary>The nodes of the network: those of <see cref="GetAllNodesAsync"/> that are canonical.</summary>
    /// <remarks>
    /// The contract's own getCanonicalNodes() returns ids in some versions and whole nodes in others.
    /// </remarks>
    public async Task<RpcResult<IReadOnlyList<RegisteredNode>>> GetCanonicalNodesAsync(CancellationToken cancellationToken)
    {
        var all = await GetAllNodesAsync(cancellationToken).ConfigureAwait(false);
        return all.Then<IReadOnlyList<RegisteredNode>>(nodes => nodes.Where(node => node.IsCanonical).ToArray());
    }

    /// <summary>One node; reverts when it does not exist.</summary>
    public Task<RpcResult<RegisteredNode>> GetNodeAsync(uint nodeId, CancellationToken cancellationToken) =>
        _reader.ReadAsync(
            GetNode,
            GetNode.Encode(new AbiWriter().UInt(nodeId)),
            result => RegisteredNode.ReadNode(nodeId, result.DynamicTuple()),
            cancellationToken);

    /// <summary>Reads the node id of any event of this contract.</summary>
    public static bool TryReadNodeId(LogEntry log, out uint nodeId)
    {
        nodeId = 0;
        if (log.Topics.Count < 2 || !Topics.Contains(log.Topics[0])) return false;
        var word = log.Topics[1].ToArray();
        if (word.AsSpan(0, 28).ContainsAnyExcept((byte)0)) return false;
        nodeId = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(word.AsSpan(28));
        return true;
    }

    private static IReadOnlyList<RegisteredNode> ReadNodes(AbiReader result) => result.Array(RegisteredNode.ReadWithId);
}
