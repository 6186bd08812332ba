// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Stand-in for the payers' accounts, in microdollars. A balance goes below zero when usage is settled past it.
/// There is no token behind it: a deposit is believed, a withdrawal vanishes. Anyone may settle, pause and set the
/// lock period. Never deploy this where money is.
contract PayerRegistry {
    struct PayerFee {
        address payer;
        uint96 fee;
    }

    struct Payer {
        int104 balance;
        uint96 pendingWithdrawal;
        uint32 withdrawableTimestamp;
        uint24 withdrawalNonce;
    }

    bool public paused;
    uint32 public withdrawLockPeriod;
    mapping(address => Payer) private payers;

    event Deposit(address indexed payer, uint96 amount);
    event UsageSettled(bytes32 indexed payerReportId, address indexed payer, uint96 amount);
    event WithdrawalRequested(address indexed payer, uint96 amount, uint32 withdrawableTimestamp, uint24 nonce);
    event WithdrawalCancelled(address indexed payer, uint24 nonce);
    event WithdrawalFinalized(address indexed payer, uint24 nonce);
    event PauseStatusUpdated(bool indexed paused);
    event WithdrawLockPeriodUpdated(uint32 withdrawLockPeriod);

    error Paused();
    error NoChange();
    error ZeroPayer();
    error ZeroWithdrawalAmount();
    error InsufficientBalance();
    error PendingWithdrawalExists();
    error NoPendingWithdrawal();
    error PayerInDebt();
    error WithdrawalNotReady(uint32 timestamp, uint32 withdrawableTimestamp, uint24 nonce);

    modifier whenNotPaused() {
        if (paused) revert Paused();
        _;
    }

    function deposit(address payer, uint96 amount) external whenNotPaused {
        if (payer == address(0)) revert ZeroPayer();
        payers[payer].balance += int104(uint104(amount));
        emit Deposit(payer, amount);
    }

    function settleUsage(bytes32 payerReportId, PayerFee[] calldata fees) external whenNotPaused returns (uint96 settled) {
        for (uint256 i; i < fees.length; ++i) {
            payers[fees[i].payer].balance -= int104(uint104(fees[i].fee));
            settled += fees[i].fee;
            emit UsageSettled(payerReportId, fees[i].payer, fees[i].fee);
        }
    }

    function requestWithdrawal(uint96 amount) external whenNotPaused {
        Payer storage payer = payers[msg.sender];
        if (amount == 0) revert ZeroWithdrawalAmount();
        if (payer.pendingWithdrawal != 0) revert PendingWithdrawalExists();
        if (payer.balance < int104(uint104(amount))) revert InsufficientBalance();
        payer.balance -= int104(uint104(amount));
        payer.pendingWithdrawal = amount;
        payer.withdrawableTimestamp = uint32(block.timestamp) + withdrawLockPeriod;
        emit WithdrawalRequested(msg.sender, amount, payer.withdrawableTimestamp, ++payer.withdrawalNonce);
    }

    function cancelWithdrawal() external whenNotPaused {
        Payer storage payer = payers[msg.sender];
        payer.balance += int104(uint104(endWithdrawal(payer)));
        emit WithdrawalCancelled(msg.sender, payer.withdrawalNonce);
    }

    function finalizeWithdrawal(address) external whenNotPaused {
        Payer storage payer = payers[msg.sender];
        if (payer.balance < 0) revert PayerInDebt();
        if (block.timestamp < payer.withdrawableTimestamp) {
            revert WithdrawalNotReady(uint32(block.timestamp), payer.withdrawableTimestamp, payer.withdrawalNonce);
        }
        endWithdrawal(payer);
        emit WithdrawalFinalized(msg.sender, payer.withdrawalNonce);
    }

    /// Stand-in for the administrator's decision.
    function setPaused(bool value) external {
        if (paused == value) revert NoChange();
        paused = value;
        emit PauseStatusUpdated(value);
    }

    /// Stand-in for the administrator's decision, in seconds.
    function setWithdrawLockPeriod(uint32 value) external {
        withdrawLockPeriod = value;
        emit WithdrawLockPeriodUpdated(value);
    }

    function getBalance(address payer) external view returns (int104) {
        return payers[payer].balance;
    }

    function getBalances(address[] calldata accounts) external view returns (int104[] memory balances) {
        balances = new int104[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) balances[i] = payers[accounts[i]].balance;
    }

    function getPendingWithdrawal(address account) external view returns (uint96, uint32, uint24) {
        Payer storage payer = payers[account];
        return (payer.pendingWithdrawal, payer.withdrawableTimestamp, payer.withdrawalNonce);
    }

    function endWithdrawal(Payer storage payer) private returns (uint96 amount) {
        amount = payer.pendingWithdrawal;
        if (amount == 0) revert NoPendingWithdrawal();
        payer.pendingWithdrawal = 0;
        payer.withdrawableTimestamp = 0;
    }
}
