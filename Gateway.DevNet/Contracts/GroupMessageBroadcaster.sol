// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Broadcaster} from "./Broadcaster.sol";

/// Stand-in for the contract that orders group commits and proposals.
contract GroupMessageBroadcaster is Broadcaster {
    string public constant contractName = "GroupMessageBroadcaster";

    event MessageSent(bytes16 indexed groupId, bytes message, uint64 indexed sequenceId);

    function addMessage(bytes16 groupId, bytes calldata message) external {
        emit MessageSent(groupId, message, number(message));
    }

    function bootstrapMessages(bytes16[] calldata groupIds, bytes[] calldata messages, uint64[] calldata sequenceIds) external {
        checkBootstrap(groupIds.length, messages.length, sequenceIds.length);
        for (uint256 i; i < groupIds.length; ++i) {
            emit MessageSent(groupIds[i], messages[i], sequenceIds[i]);
            countUpTo(sequenceIds[i]);
        }
    }

    function family() internal pure override returns (string memory) {
        return "groupMessageBroadcaster";
    }
}
