// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ADMINISTRATOR, TOOLS} from "./Addresses.sol";
import {StandIn} from "./StandIn.sol";

/// Stand-in for the list of the network's nodes: the administrator adds them, and each node's owner sets its address.
contract NodeRegistry is StandIn {
    struct Node {
        address signer;
        bool isCanonical;
        bytes signingPublicKey;
        string httpAddress;
    }

    struct NodeWithId {
        uint32 nodeId;
        Node node;
    }

    uint32 public constant NODE_INCREMENT = 100;
    uint8 private constant DEFAULT_MAX_CANONICAL = 100;

    string public constant contractName = "NodeRegistry";
    string public constant version = "1.0.1";
    string public constant adminParameterKey = "xmtp.nodeRegistry.admin";
    string public constant maxCanonicalNodesParameterKey = "xmtp.nodeRegistry.maxCanonicalNodes";

    uint32[] private ids;
    mapping(uint32 => Node) private nodes;
    mapping(uint32 => address) private owners;
    address private administrator;
    uint8 private maxCanonical;
    bool private hasMaxCanonical;

    event AdminUpdated(address indexed admin);
    event MaxCanonicalNodesUpdated(uint8 maxCanonicalNodes);
    event NodeAdded(uint32 indexed nodeId, address indexed owner, address indexed signer, bytes signingPublicKey, string httpAddress);
    event NodeAddedToCanonicalNetwork(uint32 indexed nodeId);
    event NodeRemovedFromCanonicalNetwork(uint32 indexed nodeId);
    event HttpAddressUpdated(uint32 indexed nodeId, string httpAddress);

    error ERC721NonexistentToken(uint256 tokenId);
    error InvalidHttpAddress();
    error InvalidSigningPublicKey();
    error InvalidOwner();
    error NodeExists(uint32 nodeId);
    error NotNodeOwner();
    error ZeroAdmin();
    error MaxCanonicalNodesReached();
    error MaxCanonicalNodesBelowCurrentCount();

    modifier onlyAdmin() {
        if (msg.sender != admin() && msg.sender != TOOLS) revert NotAdmin();
        _;
    }

    /// Adds a node under the next multiple of 100 that is free, as the real registry does.
    function addNode(address owner, bytes calldata signingKey, string calldata httpAddress)
        external
        onlyAdmin
        returns (uint32 nodeId, address signer)
    {
        nodeId = NODE_INCREMENT;
        while (owners[nodeId] != address(0)) nodeId += NODE_INCREMENT;
        signer = add(nodeId, owner, signingKey, httpAddress);
    }

    /// Adds a node under an id of one's choice, which the real registry does not offer.
    function addNodeWithId(uint32 nodeId, address owner, bytes calldata signingKey, string calldata httpAddress)
        external
        onlyAdmin
        returns (address)
    {
        return add(nodeId, owner, signingKey, httpAddress);
    }

    function addToNetwork(uint32 nodeId) external onlyAdmin {
        Node storage node = existing(nodeId);
        if (node.isCanonical) return;
        if (canonicalNodesCount() >= maxCanonicalNodes()) revert MaxCanonicalNodesReached();
        node.isCanonical = true;
        emit NodeAddedToCanonicalNetwork(nodeId);
    }

    function removeFromNetwork(uint32 nodeId) external onlyAdmin {
        Node storage node = existing(nodeId);
        if (!node.isCanonical) return;
        node.isCanonical = false;
        emit NodeRemovedFromCanonicalNetwork(nodeId);
    }

    function setHttpAddress(uint32 nodeId, string calldata httpAddress) external {
        Node storage node = existing(nodeId);
        if (msg.sender != owners[nodeId]) revert NotNodeOwner();
        if (bytes(httpAddress).length == 0) revert InvalidHttpAddress();
        if (keccak256(bytes(node.httpAddress)) == keccak256(bytes(httpAddress))) revert NoChange();
        node.httpAddress = httpAddress;
        emit HttpAddressUpdated(nodeId, httpAddress);
    }

    function updateAdmin() external {
        address account = addressParameter("admin");
        if (account == address(0)) revert ZeroAdmin();
        if (account == admin()) revert NoChange();
        administrator = account;
        emit AdminUpdated(account);
    }

    function updateMaxCanonicalNodes() external {
        uint8 max = uint8(parameter("maxCanonicalNodes", type(uint8).max));
        if (max == maxCanonicalNodes()) revert NoChange();
        if (max < canonicalNodesCount()) revert MaxCanonicalNodesBelowCurrentCount();
        (maxCanonical, hasMaxCanonical) = (max, true);
        emit MaxCanonicalNodesUpdated(max);
    }

    function admin() public view returns (address) {
        return administrator == address(0) ? ADMINISTRATOR : administrator;
    }

    function maxCanonicalNodes() public view returns (uint8) {
        return hasMaxCanonical ? maxCanonical : DEFAULT_MAX_CANONICAL;
    }

    function getAllNodes() external view returns (NodeWithId[] memory all) {
        all = new NodeWithId[](ids.length);
        for (uint256 i; i < ids.length; ++i) all[i] = NodeWithId(ids[i], nodes[ids[i]]);
    }

    function getCanonicalNodes() external view returns (uint32[] memory canonical) {
        canonical = new uint32[](canonicalNodesCount());
        uint256 next;
        for (uint256 i; i < ids.length; ++i) {
            if (nodes[ids[i]].isCanonical) canonical[next++] = ids[i];
        }
    }

    function canonicalNodesCount() public view returns (uint8 count) {
        for (uint256 i; i < ids.length; ++i) {
            if (nodes[ids[i]].isCanonical) ++count;
        }
    }

    function getAllNodesCount() external view returns (uint32) {
        return uint32(ids.length);
    }

    function getNode(uint32 nodeId) external view returns (Node memory) {
        return existing(nodeId);
    }

    function getIsCanonicalNode(uint32 nodeId) external view returns (bool) {
        return existing(nodeId).isCanonical;
    }

    function getSigner(uint32 nodeId) external view returns (address) {
        return existing(nodeId).signer;
    }

    function ownerOf(uint256 nodeId) external view returns (address) {
        existing(uint32(nodeId));
        return owners[uint32(nodeId)];
    }

    function add(uint32 nodeId, address owner, bytes calldata signingKey, string calldata httpAddress)
        private
        returns (address signer)
    {
        if (owner == address(0)) revert InvalidOwner();
        if (owners[nodeId] != address(0)) revert NodeExists(nodeId);
        if (bytes(httpAddress).length == 0) revert InvalidHttpAddress();
        if (signingKey.length != 65 || signingKey[0] != 0x04) revert InvalidSigningPublicKey();
        signer = address(uint160(uint256(keccak256(signingKey[1:]))));
        ids.push(nodeId);
        owners[nodeId] = owner;
        nodes[nodeId] = Node(signer, false, signingKey, httpAddress);
        emit NodeAdded(nodeId, owner, signer, signingKey, httpAddress);
    }

    function existing(uint32 nodeId) private view returns (Node storage) {
        if (owners[nodeId] == address(0)) revert ERC721NonexistentToken(nodeId);
        return nodes[nodeId];
    }

    function family() internal pure override returns (string memory) {
        return "nodeRegistry";
    }
}
