// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// Stand-in for the token in which the network counts fees: one for each unit of the stablecoin that it was given.
contract FeeToken is Token {
    /// The stand-in's place on a local chain. Code that is put at an address has no constructor to be told it.
    address public constant underlying = 0x7038bc51F17055592A5e2099D058023BF0dBe2Eb;

    function deposit(uint256 amount) external {
        Token(underlying).transferFrom(msg.sender, address(this), amount);
        make(msg.sender, amount);
    }
}
