using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain;

/// <summary>A look at the nonces for operators: read-only JSON, for the metrics port. Holds hashes and prices, no payloads and no keys.</summary>
internal static class TransactionsView
{
    internal const string Path = "/debug/transactions";

    /// <summary>Answers <c>GET /debug/transactions</c>.</summary>
    internal static async Task ServeAsync(HttpContext call)
    {
        var (desk, flights) = (call.RequestServices.GetRequiredService<NonceDesk>(), call.RequestServices.GetRequiredService<Flights>());
        await call.Response.WriteAsJsonAsync(await ReadAsync(desk, flights, call.RequestAborted).ConfigureAwait(false), call.RequestAborted).ConfigureAwait(false);
    }

    private static async ValueTask<object> ReadAsync(NonceDesk desk, Flights flights, CancellationToken cancellationToken)
    {
        var ledger = await desk.Ledger.ListAsync(cancellationToken).ConfigureAwait(false);
        var here = desk.Held.Select(lease => lease.Nonce).ToHashSet();
        return new
        {
            ledger = ledger.Verdict.ToString(),
            storeTime = ledger.Now,
            usedBelow = ledger.Floor,
            inFlightHere = flights.Count,
            nonces = ledger.Entries.Select(entry => new
            {
                nonce = entry.Nonce,
                state = entry.State.ToString(),
                here = here.Contains(entry.Nonce),
                since = entry.Since,
                leaseUntil = entry.LeaseUntil,
                transactions = entry.Versions.Select(Version),
            }),
        };
    }

    private static object Version(TransactionVersion version) => new
    {
        hash = version.Hash.ToString(),
        kind = version.Kind.ToString(),
        maxFeeWei = version.MaxFee.Amount.ToString(System.Globalization.CultureInfo.InvariantCulture),
        tipWei = version.MaxPriorityFee.Amount.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
