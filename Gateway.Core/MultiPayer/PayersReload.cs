using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Puts a changed payers file in force: all of it, or nothing.</summary>
/// <remarks>
/// A wallet is in one container at most, since two of them would use the same nonces. So a payer that stays, with the same address,
/// keeps its container; one that comes must have an address that no container has, also none of a payer that still finishes.
/// </remarks>
internal sealed class PayersReload(
    PayerSet payers,
    PayersFileCheck check,
    PayerStarts starts,
    IIdentityResolver identities,
    UncheckedOptions<ContractsOptions> contracts,
    TimeProvider time)
{
    /// <summary>
    /// Checks a file as at the start, starts the payers that came, of many those with dates only, and replaces the state.
    /// </summary>
    /// <returns>Why nothing was changed; empty when the file is in force.</returns>
    internal async Task<IReadOnlyList<string>> ApplyAsync(PayersReading reading, CancellationToken cancellationToken)
    {
        var faults = check.Faults(reading);
        if (faults.Count > 0) return faults;
        var plan = PayersPlan.Of(reading, payers.All, payers.Leaving);
        if (plan.Faults.Count > 0) return plan.Faults;
        faults = await NodeKeysAsync(reading, cancellationToken).ConfigureAwait(false);
        if (faults.Count > 0) return faults;

        var all = new Dictionary<string, Payer>(plan.Staying, StringComparer.Ordinal);
        List<Payer> started = [];
        foreach (var entry in plan.Coming)
        {
            try
            {
                var payer = payers.Build(entry, reading);
                started.Add(payer);
                all.Add(entry.Name, payer);
                if (!reading.AreMany || entry.HasDates) await starts.StartAsync(payer, cancellationToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A signer or a rule of the program may throw anything; the payers that serve must not end for it.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                await EndAsync(started).ConfigureAwait(false);
                return [.. PayerStarts.WhyNot(exception).Select(why => $"{entry.Place}: it cannot be started: {why}")];
            }
            catch
            {
                await EndAsync(started).ConfigureAwait(false);
                throw;
            }
        }

        payers.Replace(new PayersState(reading, entry => all[entry.Name]));
        (identities as PayersIdentityResolver)?.Use(reading.Document);
        return [];
    }

    // Those of the file in force were checked when it came, so that a date needs no chain.
    private async Task<IReadOnlyList<string>> NodeKeysAsync(PayersReading reading, CancellationToken cancellationToken)
    {
        var known = payers.Addresses.Select(one => one.Address).Concat(payers.Leaving.Select(one => one.Address)).ToHashSet();
        List<PayerAddress> coming = [.. reading.Addresses.Where(one => !known.Contains(one.Address))];
        var chain = contracts.Value.SettlementChain;
        if (coming.Count == 0 || chain.RpcUrl is null || chain.NodeRegistry.IsZero) return [];
        var nodes = new NodeKeyCheck(new PayerAddresses(() => coming), contracts, time);
        var faults = await nodes.RunAsync(cancellationToken).ConfigureAwait(false);
        return faults.Count > 0 || nodes.IsChecked
            ? faults
            : [.. coming.Select(one => $"{one.Setting}: the nodes, whose keys it must not have, could not be read from the chain")];
    }

    private static async Task EndAsync(List<Payer> started)
    {
        foreach (var payer in started)
        {
            await payer.StopAsync(CancellationToken.None).ConfigureAwait(false);
            await payer.DisposeAsync().ConfigureAwait(false);
        }
    }
}
