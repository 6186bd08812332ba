using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>A page of the metrics port: served on <c>GET</c> to whom <see cref="OperatorAccess"/> allows.</summary>
/// <param name="Path">Such as <c>/debug/money</c>.</param>
/// <param name="Serve">Writes the response.</param>
internal sealed record MetricsPage(string Path, RequestDelegate Serve)
{
    /// <summary>Whether it is served only to callers that accept HTML; others get the metrics at this path.</summary>
    public bool IsForBrowsers { get; init; }
}

/// <summary>
/// A separate port for Prometheus: the health pages, every registered <see cref="MetricsPage"/>, and the metrics at any
/// other path, as the original gateway serves them. The API is not served there, and the metrics are served nowhere else.
/// </summary>
internal static class MetricsPort
{
    /// <summary>Adds the port, if it is enabled.</summary>
    public static IServiceCollection AddMetricsPort(this IServiceCollection services, MetricsOptions options)
    {
        if (!options.Enable) return services;
        services.AddPrometheus("Xmtp.Gateway*");
        services.AddSingleton<MetricsListener>()
            .AddSingleton<IConfigureOptions<KestrelServerOptions>>(provider => provider.GetRequiredService<MetricsListener>());
        return services;
    }

    /// <summary>Adds the exporter of the metrics: the instruments of these meters, of the process and of the runtime.</summary>
    public static void AddPrometheus(this IServiceCollection services, string meters)
    {
        services.TryAddSingleton<ProcessMetrics>();
        services.AddOpenTelemetry().WithMetrics(
            metrics => metrics.AddMeter(meters, ProcessMetrics.MeterName, "System.Runtime").AddPrometheusExporter(KeepNames));
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) =>
        {
            // Nothing else resolves it, and the scrape needs its instruments.
            _ = provider.GetRequiredService<ProcessMetrics>();
            metrics.AddView(OfThisGateway(provider.GetRequiredService<IMeterFactory>()));
        });
    }

    /// <summary>Handles the requests to that port.</summary>
    public static void UseMetricsPort(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<MetricsOptions>>().Value.Enable) return;
        var pages = app.Services.GetServices<MetricsPage>().ToDictionary(page => page.Path, StringComparer.OrdinalIgnoreCase);
        var access = app.Services.GetService<OperatorAccess>() ?? new OperatorAccess(() => null);
        app.MapWhen(call => call.Features.Get<MetricsListener.Mark>() is not null, port =>
        {
            port.Use((call, next) =>
            {
                // A mistyped probe path must not return 200.
                if (call.Request.Path.Value is { Length: > 1 } path && path.EndsWith('/')) call.Request.Path = path.TrimEnd('/');
                if (HealthPages.Serves(call.Request.Path))
                    return app.Services.GetRequiredService<HealthPages>().ServeAsync(call, withDetails: true);
                var isGet = HttpMethods.IsGet(call.Request.Method);
                if (isGet && pages.TryGetValue(call.Request.Path.Value ?? "", out var page) && Wants(call, page))
                    return ServeAsync(call, page, access);
                if (isGet || HttpMethods.IsHead(call.Request.Method)) return next(call);
                call.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
            if (app.Services.GetService<IHiddenSeries>() is { } hidden) port.UseHiddenSeries(hidden);
            port.UseOpenMetricsForm(_ => true);
            port.UseOpenTelemetryPrometheusScrapingEndpoint(_ => true);
        });
    }

    // Scrapers accept anything, or formats of metrics.
    private static bool Wants(HttpContext call, MetricsPage page) =>
        !page.IsForBrowsers || call.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static Task ServeAsync(HttpContext call, MetricsPage page, OperatorAccess access)
    {
        if (!access.Allows(call)) return access.RefuseAsync(call);
        OperatorAccess.Protect(call.Response.Headers);
        return page.Serve(call);
    }

    // Names are exported unchanged: no unit, no added _total, no labels of the library.
    private static void KeepNames(PrometheusAspNetCoreOptions options)
    {
        options.TranslationStrategy = PrometheusAspNetCoreTranslationStrategy.UnderscoreEscapingWithoutSuffixes;
        options.ScopeInfoEnabled = false;
        options.TargetInfoEnabled = false;
        options.ScrapeResponseCacheDurationMilliseconds = 0;
    }

    // Other gateways in this process have meters of the same names; only those of this one and of the runtime are
    // scraped here.
    private static Func<Instrument, MetricStreamConfiguration?> OfThisGateway(IMeterFactory meters) =>
        instrument => instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters)
            ? null
            : MetricStreamConfiguration.Drop;
}
