using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Xmtp.Gateway.Chain.Abi;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>
/// The PayerReportManager on the settlement chain: usage reports, by which payers are charged. Only its events are
/// read.
/// </summary>
/// <remarks>
/// The charges of a report (<see cref="PayerRegistryEvents.UsageSettledTopic"/>) come before its settlement in the same
/// transaction. A report without payers is submitted and settled at once, with zeros.
/// </remarks>
public static class PayerReportManagerContract
{
    /// <summary>A report was submitted.</summary>
    public static readonly Bytes32 PayerReportSubmittedTopic =
        AbiSignature.Topic("PayerReportSubmitted(uint32,uint256,uint64,uint64,uint32,bytes32,uint32[],uint32[])");

    /// <summary>Some payers of a report were charged.</summary>
    public static readonly Bytes32 PayerReportSubsetSettledTopic = AbiSignature.Topic(
        "PayerReportSubsetSettled(uint32,uint256,uint32,uint32,uint96)");

    /// <summary>Reads a submission.</summary>
    public static bool TryReadPayerReportSubmitted(LogEntry log, [NotNullWhen(true)] out PayerReportSubmitted? submitted) =>
        EventReader.TryRead(log, PayerReportSubmittedTopic, 3, ReadSubmitted, out submitted);

    /// <summary>Reads a settlement.</summary>
    public static bool TryReadPayerReportSubsetSettled(LogEntry log, [NotNullWhen(true)] out PayerReportSubsetSettled? settled) =>
        EventReader.TryRead(
            log,
            PayerReportSubsetSettledTopic,
            2,
            (indexed, data) => new PayerReportSubsetSettled(
                indexed.UInt32(), indexed.UInt(256), data.UInt32(), data.UInt32(), PayerRegistryEvents.Amount(data)),
            out settled);

    // Indexed: originator, index, end of the range. Data: start of the range, minute, root, nodes, signers.
    private static PayerReportSubmitted ReadSubmitted(AbiReader indexed, AbiReader data)
    {
        var (originator, index, end) = (indexed.UInt32(), indexed.UInt(256), indexed.UInt64());
        return new PayerReportSubmitted(
            originator,
            index,
            data.UInt64(),
            end,
            data.UInt32(),
            data.Bytes32(),
            data.Array(id => id.UInt32()),
            data.Array(id => id.UInt32()));
    }
}

/// <summary>A usage report was submitted.</summary>
/// <param name="OriginatorNodeId">The node whose messages it counts.</param>
/// <param name="PayerReportIndex">Its number among this originator's reports, from 0.</param>
/// <param name="StartSequenceId">The report counts messages with a sequence id above this one.</param>
/// <param name="EndSequenceId">The last sequence id that the report counts, included.</param>
/// <param name="EndMinuteSinceEpoch">The minute of the last message, counted from 1970.</param>
/// <param name="PayersMerkleRoot">The Merkle root over all payers and their fees; zero for none.</param>
/// <param name="NodeIds">The nodes of the network at that time.</param>
/// <param name="SigningNodeIds">The nodes that attest the report.</param>
public sealed record PayerReportSubmitted(
    uint OriginatorNodeId,
    BigInteger PayerReportIndex,
    ulong StartSequenceId,
    ulong EndSequenceId,
    uint EndMinuteSinceEpoch,
    Bytes32 PayersMerkleRoot,
    IReadOnlyList<uint> NodeIds,
    IReadOnlyList<uint> SigningNodeIds);

/// <summary>Some payers of a report were charged.</summary>
/// <param name="OriginatorNodeId">The node whose messages it counts.</param>
/// <param name="PayerReportIndex">Its number among this originator's reports.</param>
/// <param name="Count">How many payers were charged.</param>
/// <param name="Remaining">How many payers are left to charge; at 0 the report is settled.</param>
/// <param name="FeesSettled">The sum of the charges.</param>
public sealed record PayerReportSubsetSettled(
    uint OriginatorNodeId, BigInteger PayerReportIndex, uint Count, uint Remaining, Microdollars FeesSettled);
