// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NODE_REGISTRY, PAYER_REGISTRY} from "./Addresses.sol";
import {Eip712} from "./Eip712.sol";
import {PayerRegistry} from "./PayerRegistry.sol";
import {StandIn} from "./StandIn.sol";

/// Stand-in for the reports of usage by which payers are charged. It checks the order of reports and what is settled
/// of each, and believes signatures, lists of nodes and proofs.
contract PayerReportManager is StandIn, Eip712 {
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

    string public constant contractName = "PayerReportManager";
    string public constant version = "1.0.1";
    string public constant protocolFeeRateParameterKey = "xmtp.payerReportManager.protocolFeeRate";
    uint16 public constant ONE_HUNDRED_PERCENT = 10_000;
    bytes32 public constant PAYER_REPORT_TYPEHASH = keccak256(
        "PayerReport(uint32 originatorNodeId,uint64 startSequenceId,uint64 endSequenceId,uint32 endMinuteSinceEpoch,"
        "bytes32 payersMerkleRoot,uint32[] nodeIds)"
    );
    address public constant nodeRegistry = NODE_REGISTRY;
    address public constant payerRegistry = PAYER_REGISTRY;

    mapping(uint32 => PayerReport[]) private reports;

    /// In hundredths of a percent.
    uint16 public protocolFeeRate;

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
    event ProtocolFeeRateUpdated(uint16 protocolFeeRate);

    error InvalidStartSequenceId(uint64 startSequenceId, uint64 lastSequenceId);
    error InvalidSequenceIds();
    error PayerReportAlreadySubmitted(uint32 originatorNodeId, uint64 startSequenceId, uint64 endSequenceId);
    error NoReportsForOriginator(uint32 originatorNodeId);
    error ArrayLengthMismatch();
    error InvalidProtocolFeeRate();
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
    ) external returns (uint256) {
        PayerReport memory report = PayerReport({
            startSequenceId: startSequenceId,
            endSequenceId: endSequenceId,
            endMinuteSinceEpoch: endMinuteSinceEpoch,
            feesSettled: 0,
            offset: 0,
            isSettled: payersMerkleRoot == 0,
            protocolFeeRate: protocolFeeRate,
            payersMerkleRoot: payersMerkleRoot,
            nodeIds: nodeIds
        });
        return append(originatorNodeId, report, signers(signatures));
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

        uint96 settled = PayerRegistry(payerRegistry).settleUsage(digest(originatorNodeId, report), decode(payerFees));
        report.feesSettled += settled;
        emit PayerReportSubsetSettled(originatorNodeId, index, count, payers - report.offset, settled);
    }

    function updateProtocolFeeRate() external {
        uint16 rate = uint16(parameter("protocolFeeRate", type(uint16).max));
        if (rate > ONE_HUNDRED_PERCENT) revert InvalidProtocolFeeRate();
        if (rate == protocolFeeRate) revert NoChange();
        protocolFeeRate = rate;
        emit ProtocolFeeRateUpdated(rate);
    }

    function getPayerReport(uint32 originatorNodeId, uint256 index) public view returns (PayerReport memory) {
        PayerReport[] storage all = reports[originatorNodeId];
        if (all.length == 0) revert NoReportsForOriginator(originatorNodeId);
        if (index >= all.length) revert PayerReportIndexOutOfBounds();
        return all[index];
    }

    function getPayerReports(uint32[] calldata originatorNodeIds, uint256[] calldata indices)
        external
        view
        returns (PayerReport[] memory found)
    {
        if (originatorNodeIds.length != indices.length) revert ArrayLengthMismatch();
        found = new PayerReport[](indices.length);
        for (uint256 i; i < indices.length; ++i) found[i] = getPayerReport(originatorNodeIds[i], indices[i]);
    }

    /// What nodes sign of a report; it is also the report's id where its usage is settled.
    function getPayerReportDigest(
        uint32 originatorNodeId,
        uint64 startSequenceId,
        uint64 endSequenceId,
        uint32 endMinuteSinceEpoch,
        bytes32 payersMerkleRoot,
        uint32[] memory nodeIds
    ) public view returns (bytes32) {
        return signedHash(
            keccak256(
                abi.encode(
                    PAYER_REPORT_TYPEHASH,
                    originatorNodeId,
                    startSequenceId,
                    endSequenceId,
                    endMinuteSinceEpoch,
                    payersMerkleRoot,
                    keccak256(abi.encode(nodeIds))
                )
            )
        );
    }

    function append(uint32 originatorNodeId, PayerReport memory report, uint32[] memory signing) private returns (uint256 index) {
        PayerReport[] storage earlier = reports[originatorNodeId];
        index = earlier.length;
        uint64 last = index == 0 ? 0 : earlier[index - 1].endSequenceId;
        if (index > 0 && digest(originatorNodeId, earlier[index - 1]) == digest(originatorNodeId, report)) {
            revert PayerReportAlreadySubmitted(originatorNodeId, report.startSequenceId, report.endSequenceId);
        }
        if (report.startSequenceId != last) revert InvalidStartSequenceId(report.startSequenceId, last);
        if (report.endSequenceId < report.startSequenceId) revert InvalidSequenceIds();
        earlier.push(report);
        emit PayerReportSubmitted(
            originatorNodeId,
            index,
            report.startSequenceId,
            report.endSequenceId,
            report.endMinuteSinceEpoch,
            report.payersMerkleRoot,
            report.nodeIds,
            signing
        );
        if (report.isSettled) emit PayerReportSubsetSettled(originatorNodeId, index, 0, 0, 0);
    }

    function digest(uint32 originatorNodeId, PayerReport memory report) private view returns (bytes32) {
        return getPayerReportDigest(
            originatorNodeId,
            report.startSequenceId,
            report.endSequenceId,
            report.endMinuteSinceEpoch,
            report.payersMerkleRoot,
            report.nodeIds
        );
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

    function family() internal pure override returns (string memory) {
        return "payerReportManager";
    }

    function domainName() internal pure override returns (string memory) {
        return "PayerReportManager";
    }
}
