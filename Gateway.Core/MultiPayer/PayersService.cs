using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Starts payers with the gateway, and stops all of them with it. Of many payers those start that have dates or transactions which no
/// process sends any more; the others start when they are first used.
/// </summary>
internal sealed class PayersService(PayerSet payers, PayerStarts starts, PayersInDoubt doubt, IOptions<RedisOptions> redis) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (redis.Value.IsConfigured) payers.BuildEarlier();
        List<Payer> all = [.. payers.All, .. payers.Leaving];
        if (!payers.Reading.AreMany)
        {
            await Task.WhenAll(all.Select(payer => starts.StartAsync(payer, cancellationToken))).ConfigureAwait(false);
            return;
        }

        var lost = await doubt.FindLostAsync(all, cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(payers.All.Where(payer => payer.Entry.HasDates).Concat(lost ?? []).Distinct().Select(
            payer => starts.TryStartAsync(payer, PayerStarts.MaxWait, cancellationToken).AsTask())).ConfigureAwait(false);
        UnusedMemory.AfterReading(payers.Reading);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(payers.All.Concat(payers.Leaving).Select(payer => payer.StopAsync(cancellationToken))).ConfigureAwait(false);
        // Here, since what they share is disposed after the last service has stopped.
        await payers.DisposeAsync().ConfigureAwait(false);
    }
}
