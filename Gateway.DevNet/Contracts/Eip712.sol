// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The domain that typed data is signed under (EIP-712), version 1 of each.
abstract contract Eip712 {
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    function domainName() internal pure virtual returns (string memory);

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE, keccak256(bytes(domainName())), keccak256("1"), block.chainid, address(this)));
    }

    /// The parts of the domain (EIP-5267): the bits of 0x0f are name, version, chain and contract.
    function eip712Domain()
        external
        view
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory)
    {
        return (0x0f, domainName(), "1", block.chainid, address(this), 0, new uint256[](0));
    }

    function signedHash(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR(), structHash));
    }
}
