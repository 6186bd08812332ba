using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;

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
        await call.Response.WriteAsJsonAsync(
            Read(
                services.GetRequiredService<RateCache>(),
                services.GetRequiredService<FundsState>(),
                moments,
                history.Since,
                services.GetRequiredService<SpendLedger>(),
                services.GetRequiredService<SettledUsageReader>(),
                services.GetRequiredService<SpendingGuard>(),
                services.GetRequiredService<TimeProvider>().GetUtcNow()),
            call.RequestAborted).ConfigureAwait(false);
    }

    private static object Read(
        RateCache rates,
        FundsState funds,
        IReadOnlyList<FundsMoment>? history,
        DateTimeOffset? since,
        SpendLedger ledger,
        SettledUsageReader usage,
        SpendingGuard guard,
        DateTimeOffset now) => new
        {
            at = now,
            spendingPaused = guard.IsPaused,
            rates = new { readAt = rates.ReadAt, inForce = Rate(rates.InForce(now)), next = Rate(rates.Schedule.Next(now)) },
            payer = funds.Payer is not { } payer ? null : new
            {
                balanceMicrodollars = Text(payer.Balance.Value),
                pendingWithdrawalMicrodollars = Text(payer.PendingWithdrawal.Value),
                block = payer.Block,
                readAt = payer.At,
                state = State(funds.PayerState()),
            },
            gas = funds.Gas is not { } gas ? null : new
            {
                balanceWei = Text((Int128)gas.Balance.Amount),
                commitCostWei = Text((Int128)funds.CommitCost.Amount),
                block = gas.Block,
                readAt = gas.At,
                state = State(funds.GasState()),
            },
            historySince = since,
            history = history?.Select(moment => new
            {
                hour = moment.Hour,
                payerMicrodollars = moment.Payer is { } left ? Text(left.Value) : null,
                gasWei = moment.Gas is { } right ? Text((Int128)right.Amount) : null,
            }),
            spending = new
            {
                since = ledger.Since,
                total = Spend(ledger.Total),
                settledPicodollars = Text(usage.Reconciliation.Settled.Value),
                driftPicodollars = Text(usage.Reconciliation.Drift.Value),
                days = ledger.Days(Identities).Select(day => new
                {
                    day = day.Day.ToString("O", CultureInfo.InvariantCulture),
                    total = Spend(day.Total),
                    identities = day.Identities.Select(
                        one => new { kind = one.Identity.Kind, value = one.Identity.Value, spend = Spend(one.Spend) }),
                }),
            },
        };

    private static object? Rate(Rates? rates) => rates is null ? null : new
    {
        messageFeePicodollars = rates.MessageFee,
        storageFeePicodollarsPerByteDay = rates.StorageFee,
        storageFeePicodollarsAByteADay = rates.StorageFee,
        congestionFeePicodollarsPerUnit = rates.CongestionFee,
        congestionFeePicodollarsAUnit = rates.CongestionFee,
        targetRatePerMinute = rates.TargetRatePerMinute,
        startsAt = rates.StartTime <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds((long)rates.StartTime) : DateTimeOffset.MaxValue,
    };

    private static object? State(FundState? state) =>
        state is null
            ? null
            : new
            {
                level = state.Level.ToString(),
                spendPerDay = Text(state.SpendPerDay),
                spentADay = Text(state.SpendPerDay),
                runwayHours = state.RunwayHours,
            };

    private static object Spend(SpendFigures spend) => new
    {
        messages = spend.Messages,
        feesPicodollars = Text(spend.Fees.Value),
        gasPicodollars = Text(spend.GasPrice.Value),
        gasWei = Text((Int128)spend.Gas.Amount),
    };

    private static string Text(Int128 value) => value.ToString(CultureInfo.InvariantCulture);
}
