using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.Costs.Spending;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>
/// Reports whether both funds are sufficient and spending is not paused. Otherwise the gateway is degraded, not
/// unready, since no other replica has more money.
/// </summary>
internal sealed class FundsHealth(FundsState funds, SpendingGuard guard) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (guard.IsPaused) return Task.FromResult(HealthCheckResult.Degraded("spending is paused: the network's rates have jumped"));
        string?[] low = [Text("the payer balance", funds.PayerState()), Text(Gas(), funds.GasState())];
        var text = string.Join("; ", low.Where(one => one is not null));
        return Task.FromResult(text.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(text));
    }

    // Of several senders the one that has least.
    private string Gas() => funds.Gas is { Senders: { Count: > 0 } senders }
        ? $"the gas of the sender {senders.MinBy(one => one.Balance.Amount).Sender} on the App Chain"
        : "the gas on the App Chain";

    private static string? Text(string fund, FundState? state) => state switch
    {
        // Not read yet: another check reports whether its chain answers.
        null or { Level: FundLevel.Good } => null,
        { Level: FundLevel.Empty } => $"{fund} is empty",
        { RunwayHours: { } hours } => string.Create(CultureInfo.InvariantCulture, $"{fund} is low ({state.Level}), it lasts {hours} h"),
        _ => $"{fund} is low ({state.Level})",
    };
}
