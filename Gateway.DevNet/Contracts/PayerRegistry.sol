// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// Stand-in for the payers' accounts, in microdollars. A balance goes below zero when usage is settled past it.
/// A deposit takes tokens from its sender and has a minimum; `credit` believes any amount. A withdrawal is paid in new
/// tokens, since nothing may be behind the balance. Anyone may credit, settle, pause and set the lock period. Never
/// deploy this where money is.
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

    /// Ten dollars.
    uint96 public constant minimumDeposit = 10_000_000;

    /// The stand-ins' places on a local chain.
    address public constant feeToken = 0xEab788E7Fa86E902a8191aCE37C12f8CBeB24162;
    address private constant underlyingFeeToken = 0x7038bc51F17055592A5e2099D058023BF0dBe2Eb;

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
    error ZeroRecipient();
    error TransferFromFailed();
    error InsufficientDeposit(uint96 amount, uint96 minimumDeposit);
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
        Token(feeToken).transferFrom(msg.sender, address(this), amount);
        accept(payer, amount);
    }

    function depositFromUnderlying(address payer, uint96 amount) external whenNotPaused {
        try Token(underlyingFeeToken).transferFrom(msg.sender, address(this), amount) returns (bool) {}
        catch {
            revert TransferFromFailed();
        }
        accept(payer, amount);
    }

    /// Stand-in for a deposit of any amount, without tokens.
    function credit(address payer, uint96 amount) external whenNotPaused {
        add(payer, amount);
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

    function finalizeWithdrawal(address recipient) external whenNotPaused {
        Token(feeToken).mint(recipient, finalize(recipient));
    }

    function finalizeWithdrawalIntoUnderlying(address recipient) external whenNotPaused {
        Token(underlyingFeeToken).mint(recipient, finalize(recipient));
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

    function accept(address payer, uint96 amount) private {
        if (amount < minimumDeposit) revert InsufficientDeposit(amount, minimumDeposit);
        add(payer, amount);
    }

    function add(address payer, uint96 amount) private {
        if (payer == address(0)) revert ZeroPayer();
        payers[payer].balance += int104(uint104(amount));
        emit Deposit(payer, amount);
    }

    function finalize(address recipient) private returns (uint96 amount) {
        if (recipient == address(0)) revert ZeroRecipient();
        Payer storage payer = payers[msg.sender];
        if (payer.pendingWithdrawal == 0) revert NoPendingWithdrawal();
        if (payer.balance < 0) revert PayerInDebt();
        if (block.timestamp < payer.withdrawableTimestamp) {
            revert WithdrawalNotReady(uint32(block.timestamp), payer.withdrawableTimestamp, payer.withdrawalNonce);
        }
        amount = endWithdrawal(payer);
        emit WithdrawalFinalized(msg.sender, payer.withdrawalNonce);
    }

    function endWithdrawal(Payer storage payer) private returns (uint96 amount) {
        amount = payer.pendingWithdrawal;
        if (amount == 0) revert NoPendingWithdrawal();
        payer.pendingWithdrawal = 0;
        payer.withdrawableTimestamp = 0;
    }
}
