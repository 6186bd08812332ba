using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>
/// <c>/livez</c>: the process responds. <c>/readyz</c> and <c>/healthz</c>: no health check is unhealthy. On every
/// port, in every environment.
/// </summary>
/// <remarks>
/// On public ports the body is the status alone: <c>{"status":"ready"}</c>. On the metrics port it lists the checks:
/// <c>{"status":"ready","checks":[{"name":"nodes","status":"healthy","detail":"2 nodes"}]}</c>. No check puts a secret
/// into its text; the text of an exception is left out.
/// </remarks>
internal sealed class HealthPages(HealthReports reports)
{
    /// <summary>Whether this is one of the three paths.</summary>
    public static bool Serves(PathString path) => path.Value is "/livez" or "/readyz" or "/healthz";

    /// <summary>Maps the endpoints.</summary>
    /// <param name="app">The application.</param>
    /// <param name="withDetails">Whether its ports are the operator's own, so that the body lists the checks.</param>
    public void Map(WebApplication app, bool withDetails = false)
    {
        foreach (var path in new[] { "/livez", "/readyz", "/healthz" })
        {
            app.MapMethods(
                path, [HttpMethods.Get, HttpMethods.Head], (RequestDelegate)(call => ServeAsync(call, withDetails))).WithDisplayName(path);
        }
    }

    /// <summary>Serves one of the paths.</summary>
    public async Task ServeAsync(HttpContext call, bool withDetails)
    {
        call.Response.Headers.CacheControl = "no-store";
        call.Response.ContentType = "application/json";
        if (call.Request.Path.Value == "/livez")
        {
            await call.Response.WriteAsync("""{"status":"alive"}""", call.RequestAborted).ConfigureAwait(false);
            return;
        }

        var report = await reports.GetAsync(call.RequestAborted).ConfigureAwait(false);
        call.Response.StatusCode = report.Status == HealthStatus.Unhealthy
            ? StatusCodes.Status503ServiceUnavailable
            : StatusCodes.Status200OK;
        await call.Response.WriteAsync(Body(report, withDetails).ToJsonString(), call.RequestAborted).ConfigureAwait(false);
    }

    private static JsonObject Body(HealthReport report, bool withDetails)
    {
        var body = new JsonObject { ["status"] = HealthReports.Word(report.Status) };
        if (!withDetails) return body;
        body["checks"] = JsonPage.List(report.Entries.Select(entry => new JsonObject
        {
            ["name"] = entry.Key,
            ["status"] = Word(entry.Value.Status),
            ["detail"] = entry.Value.Exception is null ? entry.Value.Description : null,
        }));
        return body;
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
