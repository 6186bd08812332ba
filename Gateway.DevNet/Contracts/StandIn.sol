// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PARAMETER_REGISTRY} from "./Addresses.sol";

interface IParameters {
    function get(string calldata key) external view returns (bytes32);
}

/// What the stand-ins have in common: they read their settings from the parameter registry, when they are told to.
/// It has no storage, so that the storage of a chain that is kept stays readable. Never deploy a stand-in where money is.
abstract contract StandIn {
    /// 1 in a stand-in. The real contracts do not have this function.
    uint256 public constant isStandIn = 1;

    address public constant parameterRegistry = PARAMETER_REGISTRY;

    error NotAdmin();
    error NoChange();
    error ParameterOutOfTypeBounds();

    /// The part of its settings' names that is the contract's.
    function family() internal pure virtual returns (string memory);

    function key(string memory setting) internal pure returns (string memory) {
        return string.concat("xmtp.", family(), ".", setting);
    }

    function parameter(string memory setting, uint256 max) internal view returns (uint256 value) {
        value = uint256(IParameters(PARAMETER_REGISTRY).get(key(setting)));
        if (value > max) revert ParameterOutOfTypeBounds();
    }

    function addressParameter(string memory setting) internal view returns (address) {
        return address(uint160(parameter(setting, type(uint160).max)));
    }
}
