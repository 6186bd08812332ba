using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>PayerRegistry: a withdrawal was requested, and the money left the balance. A payer has one at a time.</summary>
internal sealed class WithdrawalRequestedHandler() : PayerEventHandler("WithdrawalRequested", PayerRegistryEvents.WithdrawalRequestedTopic)
{
    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        PayerRegistryEvents.TryReadWithdrawalRequested(log, out var requested)
            ? happened with { Payer = requested.Payer.ToString(), Microdollars = requested.Withdrawal.Amount.Value }
            : null;

    /// <inheritdoc/>
    protected override void Apply(ChainEvent happened, PayerFigures own) => own.Withdrawing += happened.Microdollars ?? 0;
}
