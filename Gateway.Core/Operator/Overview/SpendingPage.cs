using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Costs.Usage;

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
            await FailAsync(call, StatusCodes.Status400BadRequest, "day: expected a day such as 2026-11-27").ConfigureAwait(false);
            return;
        }

        await call.RequestServices.GetRequiredService<UsageWriter>().WriteAsync(call.RequestAborted).ConfigureAwait(false);
        if (await store.ReadAsync(day, call.RequestAborted).ConfigureAwait(false) is not { } identities
            || await store.ReadTotalsAsync(call.RequestAborted).ConfigureAwait(false) is not { } days)
        {
            await FailAsync(call, StatusCodes.Status503ServiceUnavailable, "Redis does not answer").ConfigureAwait(false);
            return;
        }

        await call.Response.WriteAsJsonAsync(
            new
            {
                since = store.Since,
                day,
                identities = identities.OrderByDescending(one => one.Value.Spent).Take(SpendLedger.KeptIdentities)
                    .Select(one => new { name = one.Key, used = Show(one.Value) }),
                days = days.OrderByDescending(one => one.Key).Select(one => new { day = one.Key, used = Show(one.Value) }),
            },
            call.RequestAborted).ConfigureAwait(false);
    }

    private static object Show(UsageFigures used) => new
    {
        messages = used.Messages,
        feesPicodollars = used.Fees.Value.ToString(CultureInfo.InvariantCulture),
        gasPicodollars = used.Gas.Value.ToString(CultureInfo.InvariantCulture),
        refused = used.Refusals,
    };

    private static Task FailAsync(HttpContext call, int status, string error)
    {
        call.Response.StatusCode = status;
        return call.Response.WriteAsJsonAsync(new { error }, call.RequestAborted);
    }
}
