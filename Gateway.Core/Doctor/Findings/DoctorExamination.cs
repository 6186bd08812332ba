using System.Collections.Concurrent;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>The findings so far. Thread-safe.</summary>
internal sealed class DoctorExamination
{
    private readonly ConcurrentQueue<DoctorFinding> _findings = new();

    internal IReadOnlyList<DoctorFinding> Findings => [.. _findings];

    /// <summary>The payer's address; null without a usable key.</summary>
    internal string? Address { get; set; }

    /// <summary>The payer's fund; null when it could not be read.</summary>
    internal PayerFund? Payer { get; set; }

    /// <summary>The gas; null when it could not be read.</summary>
    internal GasFund? Gas { get; set; }

    internal void Add(DoctorFinding finding) => _findings.Enqueue(finding);
}

/// <summary>The payer's balance, machine-readable. Amounts are decimal strings.</summary>
internal sealed record PayerFund(
    string Address, string PayerRegistry, string BalanceMicrodollars, string PendingWithdrawalMicrodollars, string? MessagesOf1KB);

/// <summary>The gas on the App Chain, machine-readable. Amounts are decimal strings.</summary>
internal sealed record GasFund(string Address, string BalanceWei, string? CommitsOf1KB);
