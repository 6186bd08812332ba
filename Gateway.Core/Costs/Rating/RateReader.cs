using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>Reads all rates of the registry, page by page.</summary>
internal static class RateReader
{
    private const ulong PageSize = 100;

    // A registry has one entry per change of price: a larger count is an endpoint's error.
    private const ulong MaxRates = 100_000;

    internal static async Task<RpcResult<RateSchedule>> ReadAsync(RateRegistryContract registry, CancellationToken cancellationToken)
    {
        if (!(await registry.GetRatesCountAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var count, out var error))
            return error;
        if (count > MaxRates) return RpcError.Malformed("getRatesCount", $"{count} rates are more than there can be");
        var all = new List<Rates>((int)count);
        while ((ulong)all.Count < count)
        {
            var page = await registry.GetRatesAsync(
                (ulong)all.Count, Math.Min(PageSize, count - (ulong)all.Count), cancellationToken).ConfigureAwait(false);
            if (!page.TryGet(out var rates, out error)) return error;
            if (rates.Count == 0) return RpcError.Malformed("getRates", "a page came back empty");
            all.AddRange(rates);
        }

        return new RateSchedule(all);
    }
}
