// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ADMINISTRATOR, DISTRIBUTION_MANAGER, FEE_TOKEN, PAYER_REPORT_MANAGER, TOOLS, UNDERLYING_FEE_TOKEN} from "./Addresses.sol";
import {Pausable} from "./Pausable.sol";
import {Token} from "./Token.sol";
import {TokenUser} from "./TokenUser.sol";

/// Stand-in for the payers' accounts, in microdollars. A balance goes below zero when usage is settled past it.
/// A deposit takes tokens from its sender and has a minimum; `credit` believes any amount. A withdrawal is paid in new
/// tokens where none are behind the balance. Storage starts empty: a zero stands for the default.
contract PayerRegistry is Pausable, TokenUser {
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

    uint96 private constant DEFAULT_MINIMUM_DEPOSIT = 10_000_000;
    uint32 private constant MAX_WITHDRAW_LOCK_PERIOD = 7 days;

    string public constant contractName = "PayerRegistry";
    string public constant version = "1.0.0";
    string public constant settlerParameterKey = "xmtp.payerRegistry.settler";
    string public constant feeDistributorParameterKey = "xmtp.payerRegistry.feeDistributor";
    string public constant minimumDepositParameterKey = "xmtp.payerRegistry.minimumDeposit";
    string public constant withdrawLockPeriodParameterKey = "xmtp.payerRegistry.withdrawLockPeriod";

    /// In seconds.
    uint32 public withdrawLockPeriod;
    mapping(address => Payer) private payers;
    uint96 private minimum;
    address private settlerSet;
    address private feeDistributorSet;
    int104 public totalDeposits;
    uint96 public totalDebt;

    event Deposit(address indexed payer, uint96 amount);
    event UsageSettled(bytes32 indexed payerReportId, address indexed payer, uint96 amount);
    event WithdrawalRequested(address indexed payer, uint96 amount, uint32 withdrawableTimestamp, uint24 nonce);
    event WithdrawalCancelled(address indexed payer, uint24 nonce);
    event WithdrawalFinalized(address indexed payer, uint24 nonce);
    event WithdrawLockPeriodUpdated(uint32 withdrawLockPeriod);
    event MinimumDepositUpdated(uint96 minimumDeposit);
    event SettlerUpdated(address indexed settler);
    event FeeDistributorUpdated(address indexed feeDistributor);
    event ExcessTransferred(uint96 amount);

    error NotSettler();
    error ZeroPayer();
    error ZeroRecipient();
    error ZeroSettler();
    error ZeroFeeDistributor();
    error ZeroMinimumDeposit();
    error NoExcess();
    error InsufficientDeposit(uint96 amount, uint96 minimumDeposit);
    error ZeroWithdrawalAmount();
    error InsufficientBalance();
    error PendingWithdrawalExists();
    error NoPendingWithdrawal();
    error PayerInDebt();
    error WithdrawalNotReady(uint32 timestamp, uint32 withdrawableTimestamp, uint24 nonce);
    error WithdrawLockPeriodTooHigh(uint32 withdrawLockPeriod, uint32 maxWithdrawLockPeriod);

    function deposit(address payer, uint96 amount) external {
        depositFeeTokens(payer, amount);
    }

    function depositWithPermit(address payer, uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        usePermit(FEE_TOKEN, amount, deadline, v, r, s);
        depositFeeTokens(payer, amount);
    }

    function depositFromUnderlying(address payer, uint96 amount) external {
        takeUnderlying(amount);
        accept(payer, amount);
    }

    function depositFromUnderlyingWithPermit(address payer, uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        usePermit(UNDERLYING_FEE_TOKEN, amount, deadline, v, r, s);
        takeUnderlying(amount);
        accept(payer, amount);
    }

    /// Stand-in: a deposit of any amount, without tokens, by an administrator.
    function credit(address payer, uint96 amount) external whenNotPaused {
        if (msg.sender != ADMINISTRATOR && msg.sender != TOOLS) revert NotAdmin();
        add(payer, amount);
    }

    function settleUsage(bytes32 payerReportId, PayerFee[] calldata fees) external whenNotPaused returns (uint96 settled) {
        if (msg.sender != settler() && msg.sender != TOOLS) revert NotSettler();
        for (uint256 i; i < fees.length; ++i) {
            change(fees[i].payer, -int104(uint104(fees[i].fee)));
            settled += fees[i].fee;
            emit UsageSettled(payerReportId, fees[i].payer, fees[i].fee);
        }
        totalDeposits -= int104(uint104(settled));
    }

    /// Sends on the tokens that are behind no balance: what was settled.
    function sendExcessToFeeDistributor() external whenNotPaused returns (uint96 amount) {
        amount = excess();
        if (amount == 0) revert NoExcess();
        emit ExcessTransferred(amount);
        Token(FEE_TOKEN).transfer(feeDistributor(), amount);
    }

    function requestWithdrawal(uint96 amount) external whenNotPaused {
        Payer storage payer = payers[msg.sender];
        if (amount == 0) revert ZeroWithdrawalAmount();
        if (payer.pendingWithdrawal != 0) revert PendingWithdrawalExists();
        if (payer.balance < int104(uint104(amount))) revert InsufficientBalance();
        change(msg.sender, -int104(uint104(amount)));
        payer.pendingWithdrawal = amount;
        payer.withdrawableTimestamp = uint32(block.timestamp) + withdrawLockPeriod;
        emit WithdrawalRequested(msg.sender, amount, payer.withdrawableTimestamp, ++payer.withdrawalNonce);
    }

    function cancelWithdrawal() external whenNotPaused {
        Payer storage payer = payers[msg.sender];
        change(msg.sender, int104(uint104(endWithdrawal(payer))));
        emit WithdrawalCancelled(msg.sender, payer.withdrawalNonce);
    }

    function finalizeWithdrawal(address recipient) external whenNotPaused {
        pay(recipient, finalize(recipient), false);
    }

    function finalizeWithdrawalIntoUnderlying(address recipient) external whenNotPaused {
        pay(recipient, finalize(recipient), true);
    }

    function updateMinimumDeposit() external {
        uint96 amount = uint96(parameter("minimumDeposit", type(uint96).max));
        if (amount == 0) revert ZeroMinimumDeposit();
        if (amount == minimumDeposit()) revert NoChange();
        minimum = amount;
        emit MinimumDepositUpdated(amount);
    }

    function updateWithdrawLockPeriod() external {
        uint32 period = uint32(parameter("withdrawLockPeriod", type(uint32).max));
        if (period > MAX_WITHDRAW_LOCK_PERIOD) revert WithdrawLockPeriodTooHigh(period, MAX_WITHDRAW_LOCK_PERIOD);
        if (period == withdrawLockPeriod) revert NoChange();
        withdrawLockPeriod = period;
        emit WithdrawLockPeriodUpdated(period);
    }

    function updateSettler() external {
        address account = addressParameter("settler");
        if (account == address(0)) revert ZeroSettler();
        if (account == settler()) revert NoChange();
        settlerSet = account;
        emit SettlerUpdated(account);
    }

    function updateFeeDistributor() external {
        address account = addressParameter("feeDistributor");
        if (account == address(0)) revert ZeroFeeDistributor();
        if (account == feeDistributor()) revert NoChange();
        feeDistributorSet = account;
        emit FeeDistributorUpdated(account);
    }

    function minimumDeposit() public view returns (uint96) {
        return minimum == 0 ? DEFAULT_MINIMUM_DEPOSIT : minimum;
    }

    function settler() public view returns (address) {
        return settlerSet == address(0) ? PAYER_REPORT_MANAGER : settlerSet;
    }

    function feeDistributor() public view returns (address) {
        return feeDistributorSet == address(0) ? DISTRIBUTION_MANAGER : feeDistributorSet;
    }

    /// What all payers together could withdraw.
    function totalWithdrawable() public view returns (uint96) {
        int104 all = totalDeposits + int104(uint104(totalDebt));
        return all < 0 ? 0 : uint96(uint104(all));
    }

    /// The tokens that are behind no balance.
    function excess() public view returns (uint96) {
        uint96 tokens = uint96(Token(FEE_TOKEN).balanceOf(address(this)));
        return tokens > totalWithdrawable() ? tokens - totalWithdrawable() : 0;
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

    function depositFeeTokens(address payer, uint96 amount) private {
        Token(FEE_TOKEN).transferFrom(msg.sender, address(this), amount);
        accept(payer, amount);
    }

    function accept(address payer, uint96 amount) private whenNotPaused {
        if (payer == address(0)) revert ZeroPayer();
        if (amount < minimumDeposit()) revert InsufficientDeposit(amount, minimumDeposit());
        add(payer, amount);
    }

    function add(address payer, uint96 amount) private {
        if (payer == address(0)) revert ZeroPayer();
        change(payer, int104(uint104(amount)));
        totalDeposits += int104(uint104(amount));
        emit Deposit(payer, amount);
    }

    /// Changes a balance, and with it what all payers together owe.
    function change(address payer, int104 by) private {
        uint96 before = debt(payers[payer].balance);
        payers[payer].balance += by;
        uint96 owed = totalDebt + debt(payers[payer].balance);
        totalDebt = owed > before ? owed - before : 0;
    }

    function debt(int104 balance) private pure returns (uint96) {
        return balance < 0 ? uint96(uint104(-balance)) : 0;
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
        totalDeposits -= int104(uint104(amount));
        emit WithdrawalFinalized(msg.sender, payer.withdrawalNonce);
    }

    function endWithdrawal(Payer storage payer) private returns (uint96 amount) {
        amount = payer.pendingWithdrawal;
        if (amount == 0) revert NoPendingWithdrawal();
        payer.pendingWithdrawal = 0;
        payer.withdrawableTimestamp = 0;
    }

    function family() internal pure override returns (string memory) {
        return "payerRegistry";
    }
}
