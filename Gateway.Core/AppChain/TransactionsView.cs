using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain;

/// <summary>
/// Shows the nonces to operators: read-only JSON on the metrics port. Contains hashes and prices, no payloads and no keys.
/// </summary>
internal static class TransactionsView
{
    internal const string Path = "/debug/transactions";

    /// <summary>Serves <c>GET /debug/transactions</c>.</summary>
    internal static async Task ServeAsync(HttpContext call)
    {
        var (nonces, pendingTransactions) = (
            call.RequestServices.GetRequiredService<NonceManager>(), call.RequestServices.GetRequiredService<PendingTransactions>());
        var page = await ReadAsync(nonces, pendingTransactions, call.RequestAborted).ConfigureAwait(false);
        var senders = call.RequestServices.GetRequiredService<SenderSet>().All;
        if (senders.Count > 0) page["senders"] = await ReadAsync(senders, call.RequestAborted).ConfigureAwait(false);
        await JsonPage.WriteAsync(call, page).ConfigureAwait(false);
    }

    private static async ValueTask<JsonObject> ReadAsync(
        NonceManager nonceManager, PendingTransactions pendingTransactions, CancellationToken cancellationToken)
    {
        var entries = await nonceManager.Store.ListAsync(cancellationToken).ConfigureAwait(false);
        var here = nonceManager.Held.Select(lease => lease.Nonce).ToHashSet();
        return new JsonObject
        {
            ["store"] = entries.Status.ToString(),
            // Deprecated: the name of earlier commits.
            ["ledger"] = entries.Status.ToString(),
            ["storeTime"] = entries.Now,
            ["usedBelow"] = entries.Floor,
            ["inFlightHere"] = pendingTransactions.Count,
            ["nonces"] = JsonPage.List(entries.Entries.Select(entry => new JsonObject
            {
                ["nonce"] = entry.Nonce,
                ["state"] = entry.State.ToString(),
                ["here"] = here.Contains(entry.Nonce),
                ["since"] = entry.Since,
                ["leaseUntil"] = entry.LeaseUntil,
                ["transactions"] = JsonPage.List(entry.Attempts.Select(Attempt)),
            })),
        };
    }

    private static async ValueTask<JsonArray> ReadAsync(IReadOnlyList<Sender> senders, CancellationToken cancellationToken)
    {
        List<JsonObject> pages = [];
        foreach (var sender in senders)
        {
            var page = await ReadAsync(sender.Nonces, sender.Transactions, cancellationToken).ConfigureAwait(false);
            page["address"] = sender.Address.ToString();
            pages.Add(page);
        }

        return JsonPage.List(pages);
    }

    private static JsonObject Attempt(TransactionAttempt attempt) => new()
    {
        ["hash"] = attempt.Hash.ToString(),
        ["kind"] = attempt.Kind.ToString(),
        ["maxFeeWei"] = attempt.MaxFee.Amount.ToString(CultureInfo.InvariantCulture),
        ["tipWei"] = attempt.MaxPriorityFee.Amount.ToString(CultureInfo.InvariantCulture),
    };
}
