// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FEE_TOKEN, NODE_REGISTRY, PAYER_REGISTRY, PAYER_REPORT_MANAGER} from "./Addresses.sol";
import {NodeRegistry} from "./NodeRegistry.sol";
import {Pausable} from "./Pausable.sol";
import {PayerRegistry} from "./PayerRegistry.sol";
import {PayerReportManager} from "./PayerReportManager.sol";
import {TokenUser} from "./TokenUser.sol";

/// Stand-in for the share of settled fees of each node and of the protocol, in microdollars. As in the registry of the
/// payers, what is paid out is new tokens where none were deposited.
contract DistributionManager is Pausable, TokenUser {
    uint256 private constant ONE_HUNDRED_PERCENT = 10_000;

    string public constant contractName = "DistributionManager";
    string public constant version = "1.0.2";
    string public constant protocolFeesRecipientParameterKey = "xmtp.distributionManager.protocolFeesRecipient";
    address public constant nodeRegistry = NODE_REGISTRY;
    address public constant payerReportManager = PAYER_REPORT_MANAGER;
    address public constant payerRegistry = PAYER_REGISTRY;

    address public protocolFeesRecipient;
    uint96 public owedProtocolFees;
    uint96 public totalOwedFees;
    mapping(uint32 => uint96) public getOwedFees;
    mapping(uint32 => mapping(uint256 => bool)) public areProtocolFeesClaimed;
    mapping(uint32 => mapping(uint32 => mapping(uint256 => bool))) public areFeesClaimed;

    event Claim(uint32 indexed nodeId, uint32 indexed originatorNodeId, uint256 indexed payerReportIndex, uint96 amount);
    event ProtocolFeesClaim(uint32 indexed originatorNodeId, uint256 indexed payerReportIndex, uint96 amount);
    event Withdrawal(uint32 indexed nodeId, uint96 amount);
    event ProtocolFeesWithdrawal(uint96 amount);
    event ProtocolFeesRecipientUpdated(address protocolFeesRecipient);

    error NotNodeOwner();
    error ArrayLengthMismatch();
    error AlreadyClaimed(uint32 originatorNodeId, uint256 payerReportIndex);
    error PayerReportNotSettled(uint32 originatorNodeId, uint256 payerReportIndex);
    error NotInPayerReport(uint32 originatorNodeId, uint256 payerReportIndex);
    error ZeroRecipient();
    error ZeroProtocolFeeRecipient();
    error NoFeesOwed();

    modifier onlyOwnerOf(uint32 nodeId) {
        if (NodeRegistry(nodeRegistry).ownerOf(nodeId) != msg.sender) revert NotNodeOwner();
        _;
    }

    function claim(uint32 nodeId, uint32[] calldata originatorNodeIds, uint256[] calldata indices)
        external
        whenNotPaused
        onlyOwnerOf(nodeId)
        returns (uint96 claimed)
    {
        if (originatorNodeIds.length != indices.length) revert ArrayLengthMismatch();
        for (uint256 i; i < indices.length; ++i) claimed += claimOne(nodeId, originatorNodeIds[i], indices[i]);
        getOwedFees[nodeId] += claimed;
        totalOwedFees += claimed;
    }

    function claimProtocolFees(uint32[] calldata originatorNodeIds, uint256[] calldata indices)
        external
        whenNotPaused
        returns (uint96 claimed)
    {
        if (originatorNodeIds.length != indices.length) revert ArrayLengthMismatch();
        for (uint256 i; i < indices.length; ++i) {
            (uint32 originator, uint256 index) = (originatorNodeIds[i], indices[i]);
            if (areProtocolFeesClaimed[originator][index]) revert AlreadyClaimed(originator, index);
            areProtocolFeesClaimed[originator][index] = true;
            PayerReportManager.PayerReport memory report = settled(originator, index);
            uint96 amount = report.feesSettled - share(report) * uint96(report.nodeIds.length);
            claimed += amount;
            emit ProtocolFeesClaim(originator, index, amount);
        }
        owedProtocolFees += claimed;
    }

    function withdraw(uint32 nodeId, address recipient) external returns (uint96) {
        return withdraw(nodeId, recipient, false);
    }

    function withdrawIntoUnderlying(uint32 nodeId, address recipient) external returns (uint96) {
        return withdraw(nodeId, recipient, true);
    }

    function withdrawProtocolFees() external returns (uint96) {
        return withdrawProtocolFees(false);
    }

    function withdrawProtocolFeesIntoUnderlying() external returns (uint96) {
        return withdrawProtocolFees(true);
    }

    function updateProtocolFeesRecipient() external {
        address recipient = addressParameter("protocolFeesRecipient");
        if (recipient == protocolFeesRecipient) revert NoChange();
        protocolFeesRecipient = recipient;
        emit ProtocolFeesRecipientUpdated(recipient);
    }

    function claimOne(uint32 nodeId, uint32 originator, uint256 index) private returns (uint96 amount) {
        if (areFeesClaimed[nodeId][originator][index]) revert AlreadyClaimed(originator, index);
        areFeesClaimed[nodeId][originator][index] = true;
        PayerReportManager.PayerReport memory report = settled(originator, index);
        bool isIn;
        for (uint256 i; i < report.nodeIds.length; ++i) isIn = isIn || report.nodeIds[i] == nodeId;
        if (!isIn) revert NotInPayerReport(originator, index);
        amount = share(report);
        emit Claim(nodeId, originator, index, amount);
    }

    function withdraw(uint32 nodeId, address recipient, bool asUnderlying)
        private
        whenNotPaused
        onlyOwnerOf(nodeId)
        returns (uint96 amount)
    {
        if (recipient == address(0)) revert ZeroRecipient();
        amount = getOwedFees[nodeId];
        getOwedFees[nodeId] = 0;
        totalOwedFees -= amount;
        emit Withdrawal(nodeId, amount);
        payOwed(recipient, amount, asUnderlying);
    }

    function withdrawProtocolFees(bool asUnderlying) private whenNotPaused returns (uint96 amount) {
        if (protocolFeesRecipient == address(0)) revert ZeroProtocolFeeRecipient();
        amount = owedProtocolFees;
        owedProtocolFees = 0;
        emit ProtocolFeesWithdrawal(amount);
        payOwed(protocolFeesRecipient, amount, asUnderlying);
    }

    function payOwed(address recipient, uint96 amount, bool asUnderlying) private {
        if (amount == 0) revert NoFeesOwed();
        try PayerRegistry(payerRegistry).sendExcessToFeeDistributor() {} catch {}
        pay(recipient, amount, asUnderlying);
    }

    function settled(uint32 originator, uint256 index) private view returns (PayerReportManager.PayerReport memory report) {
        report = PayerReportManager(payerReportManager).getPayerReport(originator, index);
        if (!report.isSettled) revert PayerReportNotSettled(originator, index);
    }

    /// A node's part: what the protocol leaves, divided by the nodes of the report, rounded down.
    function share(PayerReportManager.PayerReport memory report) private pure returns (uint96) {
        if (report.nodeIds.length == 0) return 0;
        uint256 left = uint256(report.feesSettled) * (ONE_HUNDRED_PERCENT - report.protocolFeeRate) / ONE_HUNDRED_PERCENT;
        return uint96(left / report.nodeIds.length);
    }

    function family() internal pure override returns (string memory) {
        return "distributionManager";
    }
}
