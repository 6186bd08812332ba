using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>PayerRegistry: a withdrawal was cancelled, and the money is back in the balance.</summary>
internal sealed class WithdrawalCancelledHandler() : PayerEventHandler("WithdrawalCancelled", PayerRegistryEvents.WithdrawalCancelledTopic)
{
    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        PayerRegistryEvents.TryReadWithdrawalCancelled(log, out var ended) ? happened with { Payer = ended.Payer.ToString() } : null;

    /// <inheritdoc/>
    protected override void Apply(ChainEvent happened, PayerFigures own) => own.Withdrawing = 0;
}
