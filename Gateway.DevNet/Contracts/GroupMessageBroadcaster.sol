// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Broadcaster} from "./Broadcaster.sol";

/// Stand-in for the contract that orders group commits and proposals.
contract GroupMessageBroadcaster is Broadcaster {
    event MessageSent(bytes16 indexed groupId, bytes message, uint64 indexed sequenceId);

    function addMessage(bytes16 groupId, bytes calldata message) external {
        emit MessageSent(groupId, message, number(message));
    }
}
