// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// Stand-in for the stablecoin that payers have. Anyone may make it, as on the test networks.
contract UnderlyingFeeToken is Token {
    string public constant symbol = "mUSD";

    function mint(address to, uint256 amount) external {
        make(to, amount);
    }

    function family() internal pure override returns (string memory) {
        return "mockUnderlyingFeeToken";
    }

    function domainName() internal pure override returns (string memory) {
        return "Mock USD";
    }
}
