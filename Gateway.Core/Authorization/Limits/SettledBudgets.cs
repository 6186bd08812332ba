using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Spending;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// Holds the gateway's budget of a month to what the network really charged: it counts the larger of that and of the
/// estimates.
/// </summary>
/// <remarks>
/// A charge names the payer and neither a client nor a day, and comes hours after the publish. So what single clients and
/// days may spend goes by the estimates alone, and at the turn of a month a few hours' charges count for the new one.
/// Charges are known from the start of this process on; every replica reads all of them, and none adds to another's.
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

    // Never called twice at once. A store that is away is told by the next charge, which says all of it again.
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
