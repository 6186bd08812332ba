// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Pausable} from "./Pausable.sol";

/// What the two broadcasters of the App Chain have in common, for a chain on a laptop.
/// The code is put at an address without a constructor, so storage starts empty: a zero stands for the default.
abstract contract Broadcaster is Pausable {
    uint32 private constant DEFAULT_MIN = 78;
    uint32 private constant DEFAULT_MAX = 262144;

    string public constant version = "1.0.0";

    uint32 private min;
    uint32 private max;
    uint64 private lastSequenceId;
    address public payloadBootstrapper;

    event MinPayloadSizeUpdated(uint256 indexed size);
    event MaxPayloadSizeUpdated(uint256 indexed size);
    event PayloadBootstrapperUpdated(address indexed payloadBootstrapper);

    error InvalidPayloadSize(uint256 actualSize, uint256 minSize, uint256 maxSize);
    error InvalidMinPayloadSize();
    error InvalidMaxPayloadSize();
    error ZeroPayloadBootstrapper();
    error NotPayloadBootstrapper();
    error NotPaused();
    error ArrayLengthMismatch();
    error EmptyArray();

    function minPayloadSize() public view returns (uint32) {
        return min == 0 ? DEFAULT_MIN : min;
    }

    function maxPayloadSize() public view returns (uint32) {
        return max == 0 ? DEFAULT_MAX : max;
    }

    function minPayloadSizeParameterKey() external pure returns (string memory) {
        return key("minPayloadSize");
    }

    function maxPayloadSizeParameterKey() external pure returns (string memory) {
        return key("maxPayloadSize");
    }

    function payloadBootstrapperParameterKey() external pure returns (string memory) {
        return key("payloadBootstrapper");
    }

    function updateMinPayloadSize() external {
        uint32 size = uint32(parameter("minPayloadSize", type(uint32).max));
        if (size == 0 || size > maxPayloadSize()) revert InvalidMinPayloadSize();
        if (size == minPayloadSize()) revert NoChange();
        min = size;
        emit MinPayloadSizeUpdated(size);
    }

    function updateMaxPayloadSize() external {
        uint32 size = uint32(parameter("maxPayloadSize", type(uint32).max));
        if (size > DEFAULT_MAX || size < minPayloadSize()) revert InvalidMaxPayloadSize();
        if (size == maxPayloadSize()) revert NoChange();
        max = size;
        emit MaxPayloadSizeUpdated(size);
    }

    function updatePayloadBootstrapper() external {
        address account = addressParameter("payloadBootstrapper");
        if (account == address(0)) revert ZeroPayloadBootstrapper();
        if (account == payloadBootstrapper) revert NoChange();
        payloadBootstrapper = account;
        emit PayloadBootstrapperUpdated(account);
    }

    /// Checks a payload and numbers it: 1, 2, 3, ... in each contract.
    function number(bytes calldata payload) internal whenNotPaused returns (uint64) {
        if (payload.length < minPayloadSize() || payload.length > maxPayloadSize()) {
            revert InvalidPayloadSize(payload.length, minPayloadSize(), maxPayloadSize());
        }
        return ++lastSequenceId;
    }

    /// Checks a call that brings messages of an earlier history, with their numbers, into a paused contract.
    function checkBootstrap(uint256 ids, uint256 payloads, uint256 sequenceIds) internal view {
        if (!paused) revert NotPaused();
        if (msg.sender != payloadBootstrapper) revert NotPayloadBootstrapper();
        if (ids != payloads || ids != sequenceIds) revert ArrayLengthMismatch();
        if (ids == 0) revert EmptyArray();
    }

    function countUpTo(uint64 sequenceId) internal {
        if (sequenceId > lastSequenceId) lastSequenceId = sequenceId;
    }
}
