using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Counts refused calls for the payer of their caller. Those of callers without a payer are counted for none.</summary>
internal sealed class PayersRefusals(PayerSet payers) : IRefusalCounter
{
    /// <inheritdoc/>
    public void Refused(ClientIdentity? identity, string reason)
    {
        if (identity?.Payer is { } name && payers.Find(name) is { IsStarted: true } payer)
            payer.Services.GetRequiredService<UsageCounter>().Refused(identity, reason);
    }
}
