using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>Changes the text of a scrape between the exporter and the caller.</summary>
internal static class ScrapeText
{
    /// <summary>Adds the change in front of the scraping endpoint.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="isScrape">Whether a request goes to that endpoint, and its text is to be changed.</param>
    /// <param name="change">Returns the text to send. Called only for answers with status 200; UTF-8.</param>
    public static void UseScrapeText(
        this IApplicationBuilder app, Func<HttpContext, bool> isScrape, Func<HttpContext, string, string> change) => app.UseWhen(
        call => isScrape(call),
        scrape => scrape.Use(async (call, next) =>
        {
            call.Request.Headers.AcceptEncoding = default;
            var (answer, written) = (call.Response.Body, new MemoryStream());
            call.Response.Body = written;
            try
            {
                await next(call).ConfigureAwait(false);
            }
            finally
            {
                call.Response.Body = answer;
            }

            var bytes = written.ToArray();
            if (call.Response.StatusCode == StatusCodes.Status200OK)
                bytes = Encoding.UTF8.GetBytes(change(call, Encoding.UTF8.GetString(bytes)));
            await answer.WriteAsync(bytes, call.RequestAborted).ConfigureAwait(false);
        }));
}
