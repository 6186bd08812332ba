using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>
/// Spending and refusals by identity of one day, as JSON: <c>/debug/spending?day=2026-11-27</c>, by default today (UTC); and the
/// sums of all days. Of all replicas together where there is Redis.
/// </summary>
/// <remarks>Amounts are decimal strings of picodollars. Identities are pseudonyms.</remarks>
internal static class SpendingPage
{
    internal const string Path = "/debug/spending";

    /// <summary>Serves <c>GET /debug/spending</c>.</summary>
    internal static async Task ServeAsync(HttpContext call)
    {
        var (store, time) = (
            call.RequestServices.GetRequiredService<IUsageStore>(), call.RequestServices.GetRequiredService<TimeProvider>());
        var day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (call.Request.Query["day"].ToString() is { Length: > 0 } asked
            && !DateOnly.TryParseExact(asked, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
        {
            await JsonPage.FailAsync(call, StatusCodes.Status400BadRequest, "day: expected a day such as 2026-11-27").ConfigureAwait(false);
            return;
        }

        await call.RequestServices.GetRequiredService<UsageWriter>().WriteAsync(call.RequestAborted).ConfigureAwait(false);
        if (await store.ReadAsync(day, call.RequestAborted).ConfigureAwait(false) is not { } identities
            || await store.ReadTotalsAsync(call.RequestAborted).ConfigureAwait(false) is not { } days)
        {
            await JsonPage.FailAsync(call, StatusCodes.Status503ServiceUnavailable, "Redis does not answer").ConfigureAwait(false);
            return;
        }

        await JsonPage.WriteAsync(
            call,
            new JsonObject
            {
                ["since"] = store.Since,
                ["day"] = Show(day),
                ["identities"] = JsonPage.List(identities.OrderByDescending(one => one.Value.Spent).Take(SpendLedger.KeptIdentities)
                    .Select(one => new JsonObject { ["name"] = one.Key, ["used"] = Show(one.Value) })),
                ["days"] = JsonPage.List(days.OrderByDescending(one => one.Key)
                    .Select(one => new JsonObject { ["day"] = Show(one.Key), ["used"] = Show(one.Value) })),
            }).ConfigureAwait(false);
    }

    private static string Show(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);

    private static JsonObject Show(UsageFigures used) => new()
    {
        ["messages"] = used.Messages,
        ["feesPicodollars"] = used.Fees.Value.ToString(CultureInfo.InvariantCulture),
        ["gasPicodollars"] = used.Gas.Value.ToString(CultureInfo.InvariantCulture),
        ["refused"] = new JsonObject(used.Refusals.Select(refusal => KeyValuePair.Create(refusal.Key, (JsonNode?)refusal.Value))),
    };
}
