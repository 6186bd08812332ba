// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What the two broadcasters of the App Chain have in common, for a chain on a laptop.
/// The code is put at an address without a constructor, so storage starts empty: a zero stands for the default.
/// Anyone may call the functions that an administrator has on the real network. Never deploy this where money is.
abstract contract Broadcaster {
    uint32 private constant DEFAULT_MIN = 78;
    uint32 private constant DEFAULT_MAX = 262144;

    bool public paused;
    uint32 private min;
    uint32 private max;
    uint64 private lastSequenceId;

    event PauseStatusUpdated(bool indexed paused);
    event MinPayloadSizeUpdated(uint256 indexed size);
    event MaxPayloadSizeUpdated(uint256 indexed size);

    error InvalidPayloadSize(uint256 actualSize, uint256 minSize, uint256 maxSize);
    error Paused();
    error NoChange();

    function minPayloadSize() public view returns (uint32) {
        return min == 0 ? DEFAULT_MIN : min;
    }

    function maxPayloadSize() public view returns (uint32) {
        return max == 0 ? DEFAULT_MAX : max;
    }

    /// Stand-in for the administrator's decision.
    function setPaused(bool value) external {
        if (paused == value) revert NoChange();
        paused = value;
        emit PauseStatusUpdated(value);
    }

    /// Stand-in for the administrator's decision; zero sets the default again.
    function setPayloadSizes(uint32 newMin, uint32 newMax) external {
        (min, max) = (newMin, newMax);
        emit MinPayloadSizeUpdated(minPayloadSize());
        emit MaxPayloadSizeUpdated(maxPayloadSize());
    }

    /// Checks a payload and numbers it: 1, 2, 3, ... in each contract.
    function number(bytes calldata payload) internal returns (uint64) {
        if (paused) revert Paused();
        if (payload.length < minPayloadSize() || payload.length > maxPayloadSize()) {
            revert InvalidPayloadSize(payload.length, minPayloadSize(), maxPayloadSize());
        }
        return ++lastSequenceId;
    }
}
