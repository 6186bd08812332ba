// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Stand-in for the history of prices. Fees are in picodollars; storage is a byte and day; times are unix seconds.
/// Anyone may set rates. Never deploy this where money is.
contract RateRegistry {
    struct Rates {
        uint64 messageFee;
        uint64 storageFee;
        uint64 congestionFee;
        uint64 targetRatePerMinute;
        uint64 startTime;
    }

    Rates[] private history;

    event RatesUpdated(uint64 messageFee, uint64 storageFee, uint64 congestionFee, uint64 targetRatePerMinute, uint64 startTime);

    error ZeroCount();
    error FromIndexOutOfRange();
    error EndIndexOutOfRange();
    error InvalidStartTime(uint64 startTime, uint64 lastStartTime);

    /// Stand-in for the administrator's decision. Start times only go up.
    function addRates(Rates calldata rates) external {
        if (history.length > 0 && rates.startTime <= history[history.length - 1].startTime) {
            revert InvalidStartTime(rates.startTime, history[history.length - 1].startTime);
        }
        history.push(rates);
        emit RatesUpdated(rates.messageFee, rates.storageFee, rates.congestionFee, rates.targetRatePerMinute, rates.startTime);
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
}
