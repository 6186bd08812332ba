// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Broadcaster} from "./Broadcaster.sol";

/// Stand-in for the contract that orders identity updates.
contract IdentityUpdateBroadcaster is Broadcaster {
    event IdentityUpdateCreated(bytes32 indexed inboxId, bytes update, uint64 indexed sequenceId);

    function addIdentityUpdate(bytes32 inboxId, bytes calldata update) external {
        emit IdentityUpdateCreated(inboxId, update, number(update));
    }
}
