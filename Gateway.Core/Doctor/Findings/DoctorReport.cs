using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>The report, as a table or as JSON.</summary>
internal sealed class DoctorReport(DoctorExamination examination)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // Faults first, what is in order last; each in the order of the checks.
    private readonly IReadOnlyList<DoctorFinding> _findings = [.. examination.Findings.OrderBy(finding => finding.Status switch
    {
        DoctorStatus.Fault => 0,
        DoctorStatus.Warning => 1,
        DoctorStatus.NotChecked => 2,
        _ => 3,
    })];

    /// <summary>0 without faults and warnings, 1 with faults, 2 with warnings only.</summary>
    internal int ExitCode => Worst switch { DoctorStatus.Fault => 1, DoctorStatus.Warning => 2, _ => 0 };

    private DoctorStatus Worst => _findings.Max(finding => finding.Status);

    internal string ToTable()
    {
        var text = new StringBuilder();
        text.Append("payer ").AppendLine(examination.Address ?? "unknown: there is no usable key").AppendLine();
        var width = _findings.Max(finding => finding.Name.Length);
        foreach (var finding in _findings)
        {
            text.Append(
                CultureInfo.InvariantCulture, $"{Word(finding.Status),-11}  {finding.Name.PadRight(width)}  {finding.Detail}").AppendLine();
        }
        text.AppendLine()
            .Append(
                CultureInfo.InvariantCulture,
                $"{Count(DoctorStatus.Fault, "fault")}, {Count(DoctorStatus.Warning, "warning")}, {Count(DoctorStatus.Ok)} ok, " +
                    $"{Count(DoctorStatus.NotChecked)} not checked");
        return text.ToString();
    }

    internal string ToJson() => new JsonObject
    {
        ["status"] = Word(Worst),
        ["exitCode"] = ExitCode,
        ["payer"] = examination.Address,
        ["checks"] = JsonPage.List(_findings.Select(
            finding => new JsonObject { ["name"] = finding.Name, ["status"] = Word(finding.Status), ["detail"] = finding.Detail })),
        ["funds"] = new JsonObject
        {
            ["payer"] = examination.Payer is not { } payer ? null : new JsonObject
            {
                ["address"] = payer.Address,
                ["payerRegistry"] = payer.PayerRegistry,
                ["balanceMicrodollars"] = payer.BalanceMicrodollars,
                ["pendingWithdrawalMicrodollars"] = payer.PendingWithdrawalMicrodollars,
                ["messagesOf1KB"] = payer.MessagesOf1KB,
            },
            ["gas"] = examination.Gas is not { } gas ? null : new JsonObject
            {
                ["address"] = gas.Address,
                ["balanceWei"] = gas.BalanceWei,
                ["commitsOf1KB"] = gas.CommitsOf1KB,
            },
        },
    }.ToJsonString(Readable);

    private int Count(DoctorStatus status) => _findings.Count(finding => finding.Status == status);

    private string Count(DoctorStatus status, string word) => Count(status) is var count && count == 1 ? $"1 {word}" : $"{count} {word}s";

    private static string Word(DoctorStatus status) => status switch
    {
        DoctorStatus.NotChecked => "not checked",
        DoctorStatus.Ok => "ok",
        DoctorStatus.Warning => "warning",
        _ => "fault",
    };
}
