using System.Text.Json;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.ChainWatcher.Network;
using Xmtp.Gateway.ChainWatcher.Telemetry;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>
/// The only port: <c>/metrics</c>, <c>/livez</c>, <c>/readyz</c>, <c>/healthz</c>, <c>/health</c>, and the chains'
/// figures as JSON: <c>/v1/history</c>, <c>/v1/spend</c>, <c>/v1/payer</c>, <c>/v1/chains</c>; <c>/v1/network</c> where the nodes are
/// watched.
/// Must not be public.
/// </summary>
/// <remarks>
/// Money is microdollars as JSON strings, since many JSON parsers have only doubles. A watcher that does not lead
/// responds with 503: call the one that leads.
/// </remarks>
internal static class WatcherPort
{
    private const int MaxShown = 500;

    /// <summary>Maps the endpoints.</summary>
    public static void Map(WebApplication app)
    {
        // Nothing else resolves it, and the scrape needs its instruments.
        _ = app.Services.GetRequiredService<WatcherMetrics>();
        var watcher = app.Services.GetRequiredService<WatcherService>();
        app.UseOpenMetricsForm(call => call.Request.Path == "/metrics");
        app.UseScrapeText(call => call.Request.Path == "/metrics", (_, scrape) => WithHistogram(scrape, watcher));
        app.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        var reports = ActivatorUtilities.CreateInstance<HealthReports>(app.Services);
        reports.MaxAge = TimeSpan.Zero;
        new HealthPages(reports).Map(app, withDetails: true);
        // The original's path: 200 while the process lives.
        app.Map("/health", (RequestDelegate)(call => call.Response.WriteAsync("ok", call.RequestAborted)));
        app.MapGet("/v1/history", History);
        app.MapGet("/v1/spend", Spend);
        app.MapGet("/v1/payer", Payer);
        ChainsPage.Map(app);
        app.MapNetworkWatch();
    }

    private static string WithHistogram(string scrape, WatcherService watcher) => watcher.Watches[^1].Measured is { } ledger
        ? SettlementHistogram.PutInto(scrape, ledger.Read((figures, _) => SettlementCounts.Of(figures)))
        : SettlementHistogram.PutInto(scrape, []);

    // ?chain=app-chain|settlement-chain, ?type=Deposit, ?limit=1..500; newest first.
    private static IResult History(WatcherService watcher, string? chain, string? type, int? limit)
    {
        if (limit is < 1 or > MaxShown) return Results.Json(new { error = $"limit: expected 1 to {MaxShown}" }, statusCode: 400);
        var ledgers = watcher.Watches.Where(watch => chain is null || watch.Chain.Name == chain).ToList();
        if (ledgers.Count == 0)
        {
            var names = string.Join(" or ", watcher.Watches.Select(watch => watch.Chain.Name));
            return Results.Json(new { error = $"chain: expected {names}" }, statusCode: 400);
        }

        if (ledgers.Any(watch => watch.Ledger is null)) return NotLeading();
        var events = ledgers.SelectMany(watch => watch.Ledger?.Read((figures, _) => NewestFirst(watch.Chain.Name, figures.History)) ?? [])
            .Where(entry => type is null || entry.Event.Type == type)
            .OrderByDescending(entry => entry.At).Take(limit ?? MaxShown)
            .Select(entry => new
            {
                chain = entry.Name,
                type = entry.Event.Type,
                block = entry.Event.Block,
                time = entry.Event.Time,
                transaction = entry.Event.Transaction,
                node = entry.Event.Node,
                payer = entry.Event.Payer,
                microdollars = entry.Event.Microdollars?.ToString(null, null),
                report = entry.Event.Report,
                text = entry.Event.Text,
            });
        return Results.Json(new { events }, JsonSerializerOptions.Web);
    }

    // Block times have whole seconds and may be missing: within a second the chain's own order is kept.
    private static List<(string Name, ChainEvent Event, ulong At)> NewestFirst(string chain, IEnumerable<ChainEvent> history)
    {
        var (entries, at) = (new List<(string, ChainEvent, ulong)>(), 0UL);
        foreach (var happened in history)
        {
            at = Math.Max(at, happened.Time ?? 0);
            entries.Add((chain, happened, at));
        }

        entries.Reverse();
        return entries;
    }

    // ?payer=0x…, ?from=2026-07-01, ?to=2026-07-31; days by UTC, both included.
    private static IResult Spend(WatcherService watcher, string? payer, string? from, string? to)
    {
        if (Settlement(watcher) is not { } ledger) return NotLeading();
        var charges = ledger.Read((figures, _) => figures.Spend.Days
            .Where(
                day => (from is null || string.CompareOrdinal(day.Key, from) >= 0)
                    && (to is null || string.CompareOrdinal(day.Key, to) <= 0))
            .SelectMany(day => day.Value.Where(
                entry => payer is null || string.Equals(entry.Key, payer, StringComparison.OrdinalIgnoreCase))
                .Select(entry => (Day: day.Key, Payer: entry.Key, Amount: entry.Value))).ToList());
        var days = charges.Select(
            charge => new { day = charge.Day, payer = charge.Payer, microdollars = charge.Amount.ToString(null, null) });
        return Results.Json(new { days }, JsonSerializerOptions.Web);
    }

    private static IResult Payer(WatcherService watcher)
    {
        if (Settlement(watcher) is not { } ledger) return NotLeading();
        return ledger.Read((figures, _) => Results.Json(
            new
            {
                deposited = Text(figures.Payer.Deposited),
                used = Text(figures.Payer.Used),
                withdrawing = Text(figures.Payer.Withdrawing),
                withdrawn = Text(figures.Payer.Withdrawn),
                balance = Text(figures.Payer.Balance),
                debt = Text(figures.Payer.Debt),
                unit = "microdollars",
            },
            JsonSerializerOptions.Web));
    }

    private static string Text(Int128 amount) => amount.ToString(null, System.Globalization.CultureInfo.InvariantCulture);

    private static ChainLedger? Settlement(WatcherService watcher) => watcher.Watches[^1].Ledger;

    private static IResult NotLeading() =>
        Results.Json(new { error = "this watcher is on standby; query the leader" }, statusCode: 503);
}
