// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Broadcaster} from "./Broadcaster.sol";

/// Stand-in for the contract that orders identity updates.
contract IdentityUpdateBroadcaster is Broadcaster {
    string public constant contractName = "IdentityUpdateBroadcaster";

    event IdentityUpdateCreated(bytes32 indexed inboxId, bytes update, uint64 indexed sequenceId);

    function addIdentityUpdate(bytes32 inboxId, bytes calldata update) external {
        emit IdentityUpdateCreated(inboxId, update, number(update));
    }

    function bootstrapIdentityUpdates(bytes32[] calldata inboxIds, bytes[] calldata updates, uint64[] calldata sequenceIds) external {
        checkBootstrap(inboxIds.length, updates.length, sequenceIds.length);
        for (uint256 i; i < inboxIds.length; ++i) {
            emit IdentityUpdateCreated(inboxIds[i], updates[i], sequenceIds[i]);
            countUpTo(sequenceIds[i]);
        }
    }

    function family() internal pure override returns (string memory) {
        return "identityUpdateBroadcaster";
    }
}
