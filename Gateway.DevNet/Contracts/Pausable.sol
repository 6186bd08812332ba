// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StandIn} from "./StandIn.sol";

/// A stand-in that its administrator can pause, by a setting.
abstract contract Pausable is StandIn {
    bool public paused;

    event PauseStatusUpdated(bool indexed paused);

    error Paused();

    modifier whenNotPaused() {
        if (paused) revert Paused();
        _;
    }

    function pausedParameterKey() external pure returns (string memory) {
        return key("paused");
    }

    /// Anyone may call it: what it takes over is the administrator's decision.
    function updatePauseStatus() external {
        bool value = parameter("paused", 1) == 1;
        if (value == paused) revert NoChange();
        paused = value;
        emit PauseStatusUpdated(value);
    }
}
