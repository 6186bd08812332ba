using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>PayerRegistry: a deposit was made.</summary>
internal sealed class DepositHandler() : PayerEventHandler("Deposit", PayerRegistryEvents.DepositTopic)
{
    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        PayerRegistryEvents.TryReadDeposit(log, out var paid)
            ? happened with { Payer = paid.Payer.ToString(), Microdollars = paid.Amount.Value }
            : null;

    /// <inheritdoc/>
    protected override void Apply(ChainEvent happened, PayerFigures own) => own.Deposited += happened.Microdollars ?? 0;
}
