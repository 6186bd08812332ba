using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>PayerRegistry: a withdrawal was finalized, and the money is paid out.</summary>
internal sealed class WithdrawalFinalizedHandler() : PayerEventHandler("WithdrawalFinalized", PayerRegistryEvents.WithdrawalFinalizedTopic)
{
    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        PayerRegistryEvents.TryReadWithdrawalFinalized(log, out var ended) ? happened with { Payer = ended.Payer.ToString() } : null;

    /// <inheritdoc/>
    protected override void Apply(ChainEvent happened, PayerFigures own)
    {
        own.Withdrawn = own.Withdrawn + own.Withdrawing;
        own.Withdrawing = 0;
    }
}
