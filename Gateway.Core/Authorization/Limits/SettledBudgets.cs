using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Spending;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// Aligns the gateway's monthly budget with what the network really charged: it counts the larger of the charges and
/// the estimates.
/// </summary>
/// <remarks>
/// A charge names the payer but no client and no day, and arrives hours after the publish. The spend of single clients
/// and days is therefore counted by the estimates alone, and at the turn of a month a few hours' charges count for the
/// new one. Only charges since the start of this process are known; every replica reads all of them, and none adds to another's.
/// </remarks>
internal sealed class SettledBudgets(ISettledUsage usage, BudgetLedger budgets, TimeProvider time) : IHostedService
{
    private IDisposable? _reading;
    private Picodollars _charged;
    private (int Year, int Month) _month;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _reading = usage.OnCharge(Count);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _reading?.Dispose();
        return Task.CompletedTask;
    }

    // Never called concurrently. After an outage the next charge updates the store, since it includes all earlier ones.
    private void Count(UsageCharge charge)
    {
        var now = time.GetUtcNow();
        if (_month != (now.Year, now.Month))
        {
            _month = (now.Year, now.Month);
            _charged = Picodollars.Zero;
        }
        _charged += Picodollars.From(charge.Amount);
        _ = budgets.RaiseAsync(BudgetPeriod.Month, _charged, CancellationToken.None).AsTask();
    }
}
