using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Operator.Overview;
using Xmtp.Gateway.Operator.Page;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// The pages of the metrics port that are about one payer: <c>?payer=NAME</c> chooses it, and without it they list all payers and
/// their sum.
/// </summary>
internal static class PayerPages
{
    /// <summary>Adds the pages.</summary>
    internal static IServiceCollection AddPayerPages(this IServiceCollection services) => services
        .AddSingleton(new MetricsPage("/", ServeListAsync) { IsForBrowsers = true })
        .AddSingleton(Of(OverviewPage.Path, OverviewPage.ServeAsync))
        .AddSingleton(Of(SpendingPage.Path, SpendingPage.ServeAsync))
        .AddSingleton(Of(MoneyView.Path, MoneyView.ServeAsync))
        .AddSingleton(Of(TransactionsView.Path, TransactionsView.ServeAsync));

    private static MetricsPage Of(string path, RequestDelegate serve) => new(path, call => ServeAsync(call, serve));

    private static async Task ServeAsync(HttpContext call, RequestDelegate serve)
    {
        var payers = call.RequestServices.GetRequiredService<PayerSet>();
        if (call.Request.Query["payer"].ToString() is not { Length: > 0 } name)
        {
            var (coming, faults) = (
                call.RequestServices.GetRequiredService<ComingPayers>().All,
                call.RequestServices.GetRequiredService<PayersFileWatch>().Faults);
            await JsonPage.WriteAsync(call, PayersOverview.Of(payers, coming, faults)).ConfigureAwait(false);
        }
        else if (payers.Enter(name) is { } payer)
        {
            var gateway = call.RequestServices;
            try
            {
                if (!await gateway.GetRequiredService<PayerStarts>()
                    .TryStartAsync(payer, PayerStarts.MaxWait, call.RequestAborted).ConfigureAwait(false))
                {
                    await JsonPage.FailAsync(
                        call, StatusCodes.Status503ServiceUnavailable, "payer: it could not be started yet").ConfigureAwait(false);
                    return;
                }

                call.RequestServices = payer.Services;
                await serve(call).ConfigureAwait(false);
            }
            finally
            {
                call.RequestServices = gateway;
                payer.Leave();
            }
        }
        else
        {
            await JsonPage.FailAsync(call, StatusCodes.Status404NotFound, "payer: there is none of this name").ConfigureAwait(false);
        }
    }

    // The page of one payer reads the JSON of that payer by itself.
    private static Task ServeListAsync(HttpContext call)
    {
        if (call.Request.Query.ContainsKey("payer")) return OperatorPage.ServeAsync(call);
        var text = new StringBuilder("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Payers</title><h1>Payers</h1><ul>");
        var payers = call.RequestServices.GetRequiredService<PayerSet>();
        foreach (var payer in payers.All)
        {
            var name = HtmlEncoder.Default.Encode(payer.Name);
            text.Append("<li><a href=\"/?payer=").Append(name).Append("\">").Append(name).Append("</a> ").Append(payer.Address);
            if (payer.Entry.Until is { } until)
                text.Append(CultureInfo.InvariantCulture, $", until {until:u}");
        }

        text.Append("</ul><p>Version of the payers file in force: ").Append(payers.Reading.Version);
        if (call.RequestServices.GetRequiredService<PayersFileWatch>().Faults.Count > 0) text.Append("; the file on disk cannot be used");
        text.Append("<p><a href=\"").Append(OverviewPage.Path).Append("\">Funds and spending of all, as JSON</a></html>");
        call.Response.ContentType = "text/html; charset=utf-8";
        call.Response.Headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        return call.Response.WriteAsync(text.ToString(), Encoding.UTF8, call.RequestAborted);
    }
}
