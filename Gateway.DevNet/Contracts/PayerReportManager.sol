// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PayerRegistry} from "./PayerRegistry.sol";

/// Stand-in for the reports of usage by which payers are charged. It checks the order of reports and what is settled
/// of each, and believes signatures and proofs. Never deploy this where money is.
contract PayerReportManager {
    struct PayerReportSignature {
        uint32 nodeId;
        bytes signature;
    }

    struct PayerReport {
        uint64 startSequenceId;
        uint64 endSequenceId;
        uint32 endMinuteSinceEpoch;
        uint96 feesSettled;
        uint32 offset;
        bool isSettled;
        uint16 protocolFeeRate;
        bytes32 payersMerkleRoot;
        uint32[] nodeIds;
    }

    uint96 private constant PICODOLLARS_IN_MICRODOLLAR = 1_000_000;

    /// Where the PayerRegistry of the anvil environment is.
    PayerRegistry public constant payerRegistry = PayerRegistry(0xB49a1142Bc0407EB0c406EfBb3e32fbC8daa9fCe);

    mapping(uint32 => PayerReport[]) private reports;

    event PayerReportSubmitted(
        uint32 indexed originatorNodeId,
        uint256 indexed payerReportIndex,
        uint64 startSequenceId,
        uint64 indexed endSequenceId,
        uint32 endMinuteSinceEpoch,
        bytes32 payersMerkleRoot,
        uint32[] nodeIds,
        uint32[] signingNodeIds
    );
    event PayerReportSubsetSettled(
        uint32 indexed originatorNodeId,
        uint256 indexed payerReportIndex,
        uint32 count,
        uint32 remaining,
        uint96 feesSettled
    );

    error InvalidStartSequenceId(uint64 startSequenceId, uint64 lastSequenceId);
    error InvalidSequenceIds();
    error PayerReportIndexOutOfBounds();
    error PayerReportEntirelySettled();
    error PayerFeesLengthTooLong();
    error NoProofElements();

    /// A root of zero is a report without payers: it is settled as it is submitted.
    function submit(
        uint32 originatorNodeId,
        uint64 startSequenceId,
        uint64 endSequenceId,
        uint32 endMinuteSinceEpoch,
        bytes32 payersMerkleRoot,
        uint32[] calldata nodeIds,
        PayerReportSignature[] calldata signatures
    ) external returns (uint256 index) {
        PayerReport[] storage earlier = reports[originatorNodeId];
        index = earlier.length;
        uint64 last = index == 0 ? 0 : earlier[index - 1].endSequenceId;
        if (startSequenceId != last) revert InvalidStartSequenceId(startSequenceId, last);
        if (endSequenceId < startSequenceId) revert InvalidSequenceIds();

        PayerReport storage report = earlier.push();
        report.startSequenceId = startSequenceId;
        report.endSequenceId = endSequenceId;
        report.endMinuteSinceEpoch = endMinuteSinceEpoch;
        report.payersMerkleRoot = payersMerkleRoot;
        report.nodeIds = nodeIds;
        report.isSettled = payersMerkleRoot == 0;

        emit PayerReportSubmitted(
            originatorNodeId, index, startSequenceId, endSequenceId, endMinuteSinceEpoch, payersMerkleRoot, nodeIds, signers(signatures)
        );
        if (payersMerkleRoot == 0) emit PayerReportSubsetSettled(originatorNodeId, index, 0, 0, 0);
    }

    /// Charges the next payers of a report. Each fee is the encoding of (address payer, uint96 fee) in picodollars, and is
    /// charged in microdollars, rounded up; the first proof element is how many payers the whole report has.
    function settle(uint32 originatorNodeId, uint256 index, bytes[] calldata payerFees, bytes32[] calldata proofElements) external {
        if (index >= reports[originatorNodeId].length) revert PayerReportIndexOutOfBounds();
        PayerReport storage report = reports[originatorNodeId][index];
        if (report.isSettled) revert PayerReportEntirelySettled();
        if (proofElements.length == 0) revert NoProofElements();

        uint32 payers = uint32(uint256(proofElements[0]));
        uint32 count = uint32(payerFees.length);
        if (count > payers - report.offset) revert PayerFeesLengthTooLong();
        report.offset += count;
        report.isSettled = report.offset == payers;

        uint96 settled = payerRegistry.settleUsage(reportId(originatorNodeId, report), decode(payerFees));
        report.feesSettled += settled;
        emit PayerReportSubsetSettled(originatorNodeId, index, count, payers - report.offset, settled);
    }

    /// What nodes sign reports under (EIP-712). They ask for it as they start.
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("PayerReportManager"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
    }

    function getPayerReport(uint32 originatorNodeId, uint256 index) external view returns (PayerReport memory) {
        if (index >= reports[originatorNodeId].length) revert PayerReportIndexOutOfBounds();
        return reports[originatorNodeId][index];
    }

    function reportId(uint32 originatorNodeId, PayerReport storage report) private view returns (bytes32) {
        return keccak256(abi.encode(originatorNodeId, report.startSequenceId, report.endSequenceId, report.payersMerkleRoot));
    }

    function decode(bytes[] calldata payerFees) private pure returns (PayerRegistry.PayerFee[] memory fees) {
        fees = new PayerRegistry.PayerFee[](payerFees.length);
        for (uint256 i; i < payerFees.length; ++i) {
            fees[i] = abi.decode(payerFees[i], (PayerRegistry.PayerFee));
            fees[i].fee = fees[i].fee / PICODOLLARS_IN_MICRODOLLAR + (fees[i].fee % PICODOLLARS_IN_MICRODOLLAR == 0 ? 0 : 1);
        }
    }

    function signers(PayerReportSignature[] calldata signatures) private pure returns (uint32[] memory ids) {
        ids = new uint32[](signatures.length);
        for (uint256 i; i < signatures.length; ++i) ids[i] = signatures[i].nodeId;
    }
}
