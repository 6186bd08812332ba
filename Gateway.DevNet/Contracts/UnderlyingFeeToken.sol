// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// Stand-in for the stablecoin that payers have. Anyone may make it.
contract UnderlyingFeeToken is Token {}
