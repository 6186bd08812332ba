using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>PayerRegistry: usage was charged. Summed for every payer, by day.</summary>
internal sealed class UsageSettledHandler() : PayerEventHandler("UsageSettled", PayerRegistryEvents.UsageSettledTopic)
{
    /// <inheritdoc/>
    public override void Apply(ChainEvent happened, ChainFigures figures, EthereumAddress? ownPayer)
    {
        figures.Charges++;
        if (happened.Time is { } at) figures.Spend.Add(happened.Payer!, happened.Microdollars ?? 0, at);
        else figures.Faults++;
        base.Apply(happened, figures, ownPayer);
    }

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        PayerRegistryEvents.TryReadUsageSettled(log, out var used)
            ? happened with { Payer = used.Payer.ToString(), Microdollars = used.Amount.Value }
            : null;

    /// <inheritdoc/>
    protected override void Apply(ChainEvent happened, PayerFigures own) => own.Used += happened.Microdollars ?? 0;
}
