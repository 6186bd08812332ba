using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>PayerReportManager: a report was submitted and now waits for settlement.</summary>
internal sealed class PayerReportSubmittedHandler()
    : ChainEventHandler("PayerReportSubmitted", PayerReportManagerContract.PayerReportSubmittedTopic)
{
    /// <inheritdoc/>
    public override void Apply(ChainEvent happened, ChainFigures figures, EthereumAddress? ownPayer)
    {
        var (originator, from, to) = (figures.Originator(happened.Node!.Value), happened.From!.Value, happened.To!.Value);
        originator.Submitted++;
        originator.Envelopes += to > from ? to - from : 0;
        originator.Gap = originator.LastSequenceId is { } last && from > last ? from - last : 0;
        originator.LastSequenceId = to;
        originator.Attesting = happened.Number!.Value;
        originator.Await(happened.Report!, happened.Time);
        if (happened.Time is { } at)
        {
            figures.LastSubmission = at;
            originator.LastSubmission = at;
        }
        else
        {
            figures.Faults++;
        }
    }

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        PayerReportManagerContract.TryReadPayerReportSubmitted(log, out var report)
            ? happened with
            {
                Node = report.OriginatorNodeId,
                Report = report.PayerReportIndex.ToString(CultureInfo.InvariantCulture),
                From = report.StartSequenceId,
                To = report.EndSequenceId,
                Number = (uint)report.SigningNodeIds.Count,
            }
            : null;
}
