using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints.Calls;

namespace Xmtp.Gateway.Endpoints;

/// <summary>
/// The access of browsers: gRPC-Web, and CORS with the headers of the SDKs and of Connect. Never with cookies.
/// </summary>
internal sealed class BrowserAccess(IOptions<ApiOptions> api) : IConfigureOptions<CorsOptions>
{
    /// <summary>The name of the policy.</summary>
    internal const string Policy = "xmtp-gateway";

    private const string Anything = "*";

    private static readonly string[] Allowed =
    [
        "authorization", "content-type", "accept", "user-agent", "te",
        "x-app-version", "x-libxmtp-version", "x-client-version", "x-grpc-web", "x-user-agent", "grpc-timeout", "grpc-accept-encoding",
        "connect-protocol-version", "connect-timeout-ms", "content-encoding", "connect-content-encoding", "connect-accept-encoding",
        "traceparent", "tracestate", "baggage", "sentry-trace",
    ];

    private static readonly string[] Exposed =
    [
        "grpc-status", "grpc-message", "grpc-status-details-bin", "grpc-encoding", "retry-after", CostTrailer.Name,
        CostTrailer.ConnectName,
    ];

    /// <summary>Adds the CORS policy.</summary>
    public void Configure(CorsOptions options) => options.AddPolicy(Policy, PolicyOf(api.Value, null));

    /// <summary>The policy of the gateway.</summary>
    /// <param name="api">Its settings.</param>
    /// <param name="pages">What the pages of payers have besides; null for nothing.</param>
    internal static CorsPolicy PolicyOf(ApiOptions api, PageAccess? pages)
    {
        var policy = new CorsPolicyBuilder();
        policy.WithMethods("POST", "GET").WithExposedHeaders(Exposed).SetPreflightMaxAge(TimeSpan.FromHours(2));
        if (api.CorsOrigins.Contains(Anything)) policy.AllowAnyOrigin();
        else Allow(policy, api.CorsOrigins.Concat(pages?.Origins ?? []));
        if (api.CorsHeaders.Contains(Anything)) policy.AllowAnyHeader();
        else policy.WithHeaders([.. Allowed, .. api.CorsHeaders, .. pages?.Headers ?? []]);
        return policy.Build();
    }

    /// <summary>Lets a policy allow origins, among them <c>https://*.host</c> for all subdomains.</summary>
    internal static CorsPolicyBuilder Allow(CorsPolicyBuilder policy, IEnumerable<string> origins) => policy
        .WithOrigins([.. origins.Select(origin => CorsOrigin.TryRead(origin, out var read) ? read : origin)])
        .SetIsOriginAllowedToAllowWildcardSubdomains();

    /// <summary>
    /// Adds both in front of the endpoints, only for calls of browsers: a gRPC call costs only two header lookups.
    /// </summary>
    internal static void Use(IApplicationBuilder app)
    {
        app.UseWhen(call => call.Request.Headers.Origin.Count > 0, browser => browser.UseCors(Policy));
        app.UseWhen(IsGrpcWeb, web => web.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true }));
    }

    private static bool IsGrpcWeb(HttpContext call) =>
        call.Request.ContentType?.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase) ?? false;
}
