using Microsoft.Extensions.Options;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Corrects the budgets, which are charged by estimate, with the amounts that were settled.</summary>
/// <remarks>
/// The charge happens before a publish, by <see cref="ICostEstimator"/>. Code that learns the settled amount calls
/// <see cref="CorrectAsync"/> with the difference; it counts in the day and month in which it is made, in each client's
/// budget and in the gateway's. Thread-safe.
/// </remarks>
public sealed class BudgetLedger
{
    private readonly CurrentLimits _limits;
    private readonly IUsageLimitStore _store;
    private readonly string _all;

    internal BudgetLedger(IOptions<LimitsOptions> options, IUsageLimitStore store, PayerLabel? payer = null)
    {
        _all = UsageLimitKey.OfAll(payer?.Name);
        _limits = new CurrentLimits(options);
        _store = store;
    }

    /// <summary>Makes the gateway's own budgets of a period count at least the amount that was really charged in it.</summary>
    /// <returns>False when the store is unavailable.</returns>
    internal ValueTask<bool> RaiseAsync(BudgetPeriod period, Picodollars charged, CancellationToken cancellationToken)
    {
        var amount = (long)Int128.Clamp(charged.Value, 0, Budget.MaxAmount.Value);
        return _store.RaiseAsync(
            [.. _limits.Budgets.Where(counter => counter.Scope == LimitScope.WholeGateway && counter.Per == period)
                .Select(counter => new UsageLimitCharge(counter, UsageLimitKey.Of(counter, _all), amount))],
            cancellationToken);
    }

    /// <summary>Corrects the amount that one client has used.</summary>
    /// <param name="identity">The caller of the publish.</param>
    /// <param name="difference">Settled minus estimated: negative refunds, down to an unspent budget.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the store is unavailable and no correction is known to have been made.</returns>
    public async ValueTask<bool> CorrectAsync(ClientIdentity identity, Picodollars difference, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var counters = _limits.Budgets.ToList();
        if (counters.Count == 0 || difference.Value == 0) return true;
        var amount = (long)Int128.Clamp(difference.Value, -Budget.MaxAmount.Value, Budget.MaxAmount.Value);
        var client = UsageLimitKey.Of(identity);
        return await _store.CorrectAsync(
            [.. counters.Select(
                counter => new UsageLimitCharge(
                    counter, UsageLimitKey.Of(counter, counter.Scope == LimitScope.WholeGateway ? _all : client), amount))],
            cancellationToken).ConfigureAwait(false);
    }
}
