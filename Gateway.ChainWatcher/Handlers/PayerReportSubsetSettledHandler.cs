using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>PayerReportManager: some payers of a report were charged; with none left the report is settled.</summary>
internal sealed class PayerReportSubsetSettledHandler()
    : ChainEventHandler("PayerReportSubsetSettled", PayerReportManagerContract.PayerReportSubsetSettledTopic)
{
    /// <inheritdoc/>
    public override void Apply(ChainEvent happened, ChainFigures figures, EthereumAddress? ownPayer)
    {
        var originator = figures.Originator(happened.Node!.Value);
        originator.FeesSettled += happened.Microdollars ?? 0;
        if (happened.Number == 0 && !originator.Settle(happened.Report!, happened.Time)) figures.Faults++;
    }

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        PayerReportManagerContract.TryReadPayerReportSubsetSettled(log, out var settled)
            ? happened with
            {
                Node = settled.OriginatorNodeId,
                Report = settled.PayerReportIndex.ToString(CultureInfo.InvariantCulture),
                Number = settled.Remaining,
                Microdollars = settled.FeesSettled.Value,
            }
            : null;
}
