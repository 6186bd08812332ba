// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StandIn} from "./StandIn.sol";

/// Stand-in for the history of prices. Fees are in picodollars; storage is a byte and day; times are unix seconds.
contract RateRegistry is StandIn {
    struct Rates {
        uint64 messageFee;
        uint64 storageFee;
        uint64 congestionFee;
        uint64 targetRatePerMinute;
        uint64 startTime;
    }

    string public constant contractName = "RateRegistry";
    string public constant version = "1.0.1";
    string public constant messageFeeParameterKey = "xmtp.rateRegistry.messageFee";
    string public constant storageFeeParameterKey = "xmtp.rateRegistry.storageFee";
    string public constant congestionFeeParameterKey = "xmtp.rateRegistry.congestionFee";
    string public constant targetRatePerMinuteParameterKey = "xmtp.rateRegistry.targetRatePerMinute";
    string public constant ratesInEffectAfterParameterKey = "xmtp.rateRegistry.ratesInEffectAfter";

    Rates[] private history;

    event RatesUpdated(uint64 messageFee, uint64 storageFee, uint64 congestionFee, uint64 targetRatePerMinute, uint64 startTime);

    error ZeroCount();
    error FromIndexOutOfRange();
    error EndIndexOutOfRange();
    error InvalidStartTime(uint64 startTime, uint64 lastStartTime);

    /// Appends the rates of the settings. They must differ from the last ones, and start later.
    function updateRates() external {
        Rates memory next = Rates(
            number("messageFee"), number("storageFee"), number("congestionFee"), number("targetRatePerMinute"), number("ratesInEffectAfter")
        );
        if (history.length > 0) {
            Rates memory last = history[history.length - 1];
            if (
                next.messageFee == last.messageFee && next.storageFee == last.storageFee && next.congestionFee == last.congestionFee
                    && next.targetRatePerMinute == last.targetRatePerMinute
            ) revert NoChange();
            if (next.startTime <= last.startTime) revert InvalidStartTime(next.startTime, last.startTime);
        }
        history.push(next);
        emit RatesUpdated(next.messageFee, next.storageFee, next.congestionFee, next.targetRatePerMinute, next.startTime);
    }

    function getRatesCount() external view returns (uint256) {
        return history.length;
    }

    function getRates(uint256 from, uint256 count) external view returns (Rates[] memory rates) {
        if (count == 0) revert ZeroCount();
        if (from >= history.length) revert FromIndexOutOfRange();
        if (count > history.length - from) revert EndIndexOutOfRange();
        rates = new Rates[](count);
        for (uint256 i; i < count; ++i) rates[i] = history[from + i];
    }

    function number(string memory setting) private view returns (uint64) {
        return uint64(parameter(setting, type(uint64).max));
    }

    function family() internal pure override returns (string memory) {
        return "rateRegistry";
    }
}
