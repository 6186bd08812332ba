// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Stand-in for the list of the network's nodes. Anyone may call every function. Never deploy this where money is.
contract NodeRegistry {
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

    uint32[] private ids;
    mapping(uint32 => Node) private nodes;
    mapping(uint32 => address) private owners;

    event NodeAdded(uint32 indexed nodeId, address indexed owner, address indexed signer, bytes signingPublicKey, string httpAddress);
    event NodeAddedToCanonicalNetwork(uint32 indexed nodeId);
    event NodeRemovedFromCanonicalNetwork(uint32 indexed nodeId);
    event HttpAddressUpdated(uint32 indexed nodeId, string httpAddress);

    error ERC721NonexistentToken(uint256 tokenId);
    error InvalidHttpAddress();
    error InvalidSigningPublicKey();
    error NodeExists(uint32 nodeId);
    error NoChange();

    /// Adds a node under the next multiple of 100 that is free, as the real registry does.
    function addNode(address owner, bytes calldata key, string calldata httpAddress) external returns (uint32 nodeId, address signer) {
        nodeId = NODE_INCREMENT;
        while (owners[nodeId] != address(0)) nodeId += NODE_INCREMENT;
        signer = add(nodeId, owner, key, httpAddress);
    }

    /// Adds a node under an id of one's choice, which the real registry does not offer.
    function addNodeWithId(uint32 nodeId, address owner, bytes calldata key, string calldata httpAddress) external returns (address) {
        return add(nodeId, owner, key, httpAddress);
    }

    function addToNetwork(uint32 nodeId) external {
        Node storage node = existing(nodeId);
        if (node.isCanonical) return;
        node.isCanonical = true;
        emit NodeAddedToCanonicalNetwork(nodeId);
    }

    function removeFromNetwork(uint32 nodeId) external {
        Node storage node = existing(nodeId);
        if (!node.isCanonical) return;
        node.isCanonical = false;
        emit NodeRemovedFromCanonicalNetwork(nodeId);
    }

    function setHttpAddress(uint32 nodeId, string calldata httpAddress) external {
        Node storage node = existing(nodeId);
        if (bytes(httpAddress).length == 0) revert InvalidHttpAddress();
        if (keccak256(bytes(node.httpAddress)) == keccak256(bytes(httpAddress))) revert NoChange();
        node.httpAddress = httpAddress;
        emit HttpAddressUpdated(nodeId, httpAddress);
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

    function add(uint32 nodeId, address owner, bytes calldata key, string calldata httpAddress) private returns (address signer) {
        if (owners[nodeId] != address(0)) revert NodeExists(nodeId);
        if (bytes(httpAddress).length == 0) revert InvalidHttpAddress();
        if (key.length != 65 || key[0] != 0x04) revert InvalidSigningPublicKey();
        signer = address(uint160(uint256(keccak256(key[1:]))));
        ids.push(nodeId);
        owners[nodeId] = owner;
        nodes[nodeId] = Node(signer, false, key, httpAddress);
        emit NodeAdded(nodeId, owner, signer, key, httpAddress);
    }

    function existing(uint32 nodeId) private view returns (Node storage) {
        if (owners[nodeId] == address(0)) revert ERC721NonexistentToken(nodeId);
        return nodes[nodeId];
    }
}
