// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SETTLEMENT_CHAIN_GATEWAY} from "./Addresses.sol";
import {Pausable} from "./Pausable.sol";

/// Stand-in for the App Chain's end of the bridge, to be read and paused. A local chain is both chains: there is nothing
/// to bridge.
contract AppChainGateway is Pausable {
    string public constant contractName = "AppChainGateway";
    string public constant version = "1.0.0";
    address public constant settlementChainGateway = SETTLEMENT_CHAIN_GATEWAY;

    /// The sender that a call from the other chain's contract has on this one.
    function settlementChainGatewayAlias() external pure returns (address) {
        unchecked {
            return address(uint160(SETTLEMENT_CHAIN_GATEWAY) + uint160(0x1111000000000000000000000000000000001111));
        }
    }

    function family() internal pure override returns (string memory) {
        return "appChainGateway";
    }
}
