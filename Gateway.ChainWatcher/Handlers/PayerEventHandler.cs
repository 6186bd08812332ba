using Xmtp.Gateway.Chain;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>
/// The common part of the PayerRegistry's events: the balance of a payer changed. Gateways are notified only of their
/// own payer.
/// </summary>
internal abstract class PayerEventHandler(string type, Bytes32 topic) : ChainEventHandler(type, topic)
{
    /// <inheritdoc/>
    public sealed override ChangeKind? Change => ChangeKind.BalanceChanged;

    /// <inheritdoc/>
    public sealed override bool Concerns(ChainEvent happened, EthereumAddress? ownPayer) =>
        ownPayer is null || ChainFigures.IsOwn(happened.Payer, ownPayer);

    /// <inheritdoc/>
    public override void Apply(ChainEvent happened, ChainFigures figures, EthereumAddress? ownPayer)
    {
        if (ChainFigures.IsOwn(happened.Payer, ownPayer)) Apply(happened, figures.Payer);
    }

    /// <summary>Changes the figures of the own payer.</summary>
    protected abstract void Apply(ChainEvent happened, PayerFigures own);
}
