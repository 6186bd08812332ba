using System.Text.Json;
using Xmtp.Gateway.ChainWatcher.Following;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>
/// <c>/v1/chains</c>: of each chain its newest known block with its time, how many blocks up to that are still to be read, and for how
/// long its provider has not answered. 503 at a watcher that does not lead.
/// </summary>
internal static class ChainsPage
{
    /// <summary>Maps the page.</summary>
    public static void Map(WebApplication app) => app.MapGet("/v1/chains", Show);

    private static IResult Show(WatcherService watcher) => watcher.Watches.Any(watch => watch.Status is null)
        ? Results.Json(new { error = "this watcher is on standby; query the leader" }, statusCode: 503)
        : Results.Json(
            new
            {
                chains = watcher.Watches.Select(watch => new
                {
                    name = watch.Chain.Name,
                    id = watch.Chain.Id,
                    head = watch.Status?.Head,
                    headTime = watch.Status?.HeadTime,
                    behind = watch.BlocksBehind,
                    unavailableSeconds = watch.Provider is { State: ProviderState.Unavailable } provider
                        ? (long)provider.For.TotalSeconds
                        : 0,
                }),
            },
            JsonSerializerOptions.Web);
}
