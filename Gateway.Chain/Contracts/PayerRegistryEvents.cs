using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>The events of the PayerRegistry. Each names its payer, so a filter can select one payer's events.</summary>
public static class PayerRegistryEvents
{
    /// <summary>Deposit(address indexed payer, uint96 amount)</summary>
    public static readonly Bytes32 DepositTopic = AbiSignature.Topic("Deposit(address,uint96)");

    /// <summary>UsageSettled(bytes32 indexed payerReportId, address indexed payer, uint96 amount)</summary>
    public static readonly Bytes32 UsageSettledTopic = AbiSignature.Topic("UsageSettled(bytes32,address,uint96)");

    /// <summary>WithdrawalRequested(address indexed payer, uint96 amount, uint32 withdrawableTimestamp, uint24 nonce)</summary>
    public static readonly Bytes32 WithdrawalRequestedTopic = AbiSignature.Topic("WithdrawalRequested(address,uint96,uint32,uint24)");

    /// <summary>WithdrawalCancelled(address indexed payer, uint24 nonce)</summary>
    public static readonly Bytes32 WithdrawalCancelledTopic = AbiSignature.Topic("WithdrawalCancelled(address,uint24)");

    /// <summary>WithdrawalFinalized(address indexed payer, uint24 nonce)</summary>
    public static readonly Bytes32 WithdrawalFinalizedTopic = AbiSignature.Topic("WithdrawalFinalized(address,uint24)");

    /// <summary>The events whose first indexed member is the payer; in UsageSettled it is the second.</summary>
    public static readonly IReadOnlyList<Bytes32> OfPayerFirst =
    [
        DepositTopic,
        WithdrawalRequestedTopic,
        WithdrawalCancelledTopic,
        WithdrawalFinalizedTopic,
    ];

    /// <summary>Reads a deposit.</summary>
    public static bool TryReadDeposit(LogEntry log, [NotNullWhen(true)] out PayerDeposit? deposit) =>
        EventReader.TryRead(log, DepositTopic, 1, (indexed, data) => new PayerDeposit(indexed.Address(), Amount(data)), out deposit);

    /// <summary>Reads a charge.</summary>
    public static bool TryReadUsageSettled(LogEntry log, [NotNullWhen(true)] out UsageSettled? settled) =>
        EventReader.TryRead(
            log,
            UsageSettledTopic,
            2,
            (indexed, data) => new UsageSettled(indexed.Bytes32(), indexed.Address(), Amount(data)),
            out settled);

    /// <summary>Reads the start of a withdrawal.</summary>
    public static bool TryReadWithdrawalRequested(LogEntry log, [NotNullWhen(true)] out WithdrawalRequested? requested) =>
        EventReader.TryRead(
            log,
            WithdrawalRequestedTopic,
            1,
            (indexed, data) => new WithdrawalRequested(indexed.Address(), new(Amount(data), data.UInt32(), data.UInt32(24))),
            out requested);

    /// <summary>Reads the cancellation of a withdrawal, which returns the money to the balance.</summary>
    public static bool TryReadWithdrawalCancelled(LogEntry log, [NotNullWhen(true)] out WithdrawalEnded? cancelled) =>
        EventReader.TryRead(
            log, WithdrawalCancelledTopic, 1, (indexed, data) => new WithdrawalEnded(indexed.Address(), data.UInt32(24)), out cancelled);

    /// <summary>Reads the finalization of a withdrawal, which pays the money out.</summary>
    public static bool TryReadWithdrawalFinalized(LogEntry log, [NotNullWhen(true)] out WithdrawalEnded? finalized) =>
        EventReader.TryRead(
            log, WithdrawalFinalizedTopic, 1, (indexed, data) => new WithdrawalEnded(indexed.Address(), data.UInt32(24)), out finalized);

    /// <summary>A payer as a topic for filters.</summary>
    public static Bytes32 PayerTopic(EthereumAddress payer) => new(new AbiWriter().Address(payer).ToArray());

    internal static Microdollars Amount(AbiReader reader) => new((Int128)reader.UInt(96));
}

/// <summary>A deposit was made.</summary>
/// <param name="Payer">The payer whose balance increased.</param>
/// <param name="Amount">The amount deposited.</param>
public sealed record PayerDeposit(EthereumAddress Payer, Microdollars Amount);

/// <summary>Usage was charged.</summary>
/// <param name="PayerReportId">The report of the usage.</param>
/// <param name="Payer">The payer whose balance decreased.</param>
/// <param name="Amount">The amount charged.</param>
public sealed record UsageSettled(Bytes32 PayerReportId, EthereumAddress Payer, Microdollars Amount);

/// <summary>A withdrawal was requested: its amount left the balance.</summary>
/// <param name="Payer">The payer who withdraws.</param>
/// <param name="Withdrawal">The amount, and when it can be finalized.</param>
public sealed record WithdrawalRequested(EthereumAddress Payer, PendingWithdrawal Withdrawal);

/// <summary>A withdrawal was cancelled or finalized.</summary>
/// <param name="Payer">The payer who withdrew.</param>
/// <param name="Nonce">Which of the payer's withdrawals it was.</param>
public sealed record WithdrawalEnded(EthereumAddress Payer, uint Nonce);
