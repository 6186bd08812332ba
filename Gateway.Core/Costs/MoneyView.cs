using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Costs;

/// <summary>
/// Shows money to operators and their pages: read-only JSON on the metrics port. Bounded: 7 days of hourly funds,
/// 90 days of spend with the top 100 identities each.
/// </summary>
/// <remarks>Amounts are decimal strings with their unit in the name, as they may exceed the range of JSON numbers.</remarks>
internal static class MoneyView
{
    internal const string Path = "/debug/money";
    private const int Identities = 100;

    /// <summary>Serves <c>GET /debug/money</c>.</summary>
    internal static async Task ServeAsync(HttpContext call)
    {
        var services = call.RequestServices;
        var history = services.GetRequiredService<IFundsHistory>();
        var moments = await history.ReadAsync(call.RequestAborted).ConfigureAwait(false);
        await JsonPage.WriteAsync(
            call,
            Read(
                services.GetRequiredService<RateCache>(),
                services.GetRequiredService<FundsState>(),
                moments,
                history.Since,
                services.GetRequiredService<SpendLedger>(),
                services.GetRequiredService<SettledUsageReader>(),
                services.GetRequiredService<SpendingGuard>(),
                services.GetRequiredService<TimeProvider>().GetUtcNow())).ConfigureAwait(false);
    }

    private static JsonObject Read(
        RateCache rates,
        FundsState funds,
        IReadOnlyList<FundsMoment>? history,
        DateTimeOffset? since,
        SpendLedger ledger,
        SettledUsageReader usage,
        SpendingGuard guard,
        DateTimeOffset now) => new()
        {
            ["at"] = now,
            ["spendingPaused"] = guard.IsPaused,
            ["rates"] = new JsonObject
            {
                ["readAt"] = rates.ReadAt,
                ["inForce"] = Rate(rates.InForce(now)),
                ["next"] = Rate(rates.Schedule.Next(now)),
            },
            ["payer"] = funds.Payer is not { } payer ? null : new JsonObject
            {
                ["balanceMicrodollars"] = Text(payer.Balance.Value),
                ["pendingWithdrawalMicrodollars"] = Text(payer.PendingWithdrawal.Value),
                ["block"] = payer.Block,
                ["readAt"] = payer.At,
                ["state"] = State(funds.PayerState()),
            },
            ["gas"] = funds.Gas is not { } gas ? null : new JsonObject
            {
                ["balanceWei"] = Text((Int128)gas.Balance.Amount),
                ["commitCostWei"] = Text((Int128)funds.CommitCost.Amount),
                ["block"] = gas.Block,
                ["readAt"] = gas.At,
                ["state"] = State(funds.GasState()),
            },
            ["historySince"] = since,
            ["history"] = history is null ? null : JsonPage.List(history.Select(moment => new JsonObject
            {
                ["hour"] = moment.Hour,
                ["payerMicrodollars"] = moment.Payer is { } left ? Text(left.Value) : null,
                ["gasWei"] = moment.Gas is { } right ? Text((Int128)right.Amount) : null,
            })),
            ["spending"] = new JsonObject
            {
                ["since"] = ledger.Since,
                ["total"] = Spend(ledger.Total),
                ["settledPicodollars"] = Text(usage.Reconciliation.Settled.Value),
                ["driftPicodollars"] = Text(usage.Reconciliation.Drift.Value),
                ["days"] = JsonPage.List(ledger.Days(Identities).Select(day => new JsonObject
                {
                    ["day"] = day.Day.ToString("O", CultureInfo.InvariantCulture),
                    ["total"] = Spend(day.Total),
                    ["identities"] = JsonPage.List(day.Identities.Select(one => new JsonObject
                    {
                        ["kind"] = one.Identity.Kind,
                        ["value"] = one.Identity.Value,
                        ["spend"] = Spend(one.Spend),
                    })),
                })),
            },
        };

    private static JsonObject? Rate(Rates? rates) => rates is null ? null : new JsonObject
    {
        ["messageFeePicodollars"] = rates.MessageFee,
        ["storageFeePicodollarsPerByteDay"] = rates.StorageFee,
        ["storageFeePicodollarsAByteADay"] = rates.StorageFee,
        ["congestionFeePicodollarsPerUnit"] = rates.CongestionFee,
        ["congestionFeePicodollarsAUnit"] = rates.CongestionFee,
        ["targetRatePerMinute"] = rates.TargetRatePerMinute,
        ["startsAt"] = rates.StartTime <= 253_402_300_799
            ? DateTimeOffset.FromUnixTimeSeconds((long)rates.StartTime)
            : DateTimeOffset.MaxValue,
    };

    private static JsonObject? State(FundState? state) =>
        state is null
            ? null
            : new JsonObject
            {
                ["level"] = state.Level.ToString(),
                ["spendPerDay"] = Text(state.SpendPerDay),
                ["spentADay"] = Text(state.SpendPerDay),
                ["runwayHours"] = state.RunwayHours,
            };

    private static JsonObject Spend(SpendFigures spend) => new()
    {
        ["messages"] = spend.Messages,
        ["feesPicodollars"] = Text(spend.Fees.Value),
        ["gasPicodollars"] = Text(spend.GasPrice.Value),
        ["gasWei"] = Text((Int128)spend.Gas.Amount),
    };

    private static string Text(Int128 value) => value.ToString(CultureInfo.InvariantCulture);
}
