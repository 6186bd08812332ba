using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>A port of its own for Prometheus: <c>/metrics</c>, the health pages, <c>/debug/transactions</c> and <c>/debug/money</c>. Nothing of the API answers there, and <c>/metrics</c> answers nowhere else.</summary>
internal static class MetricsPort
{
    /// <summary>Adds it, when it is enabled.</summary>
    public static IServiceCollection AddMetricsPort(this IServiceCollection services, MetricsOptions options)
    {
        if (!options.Enable) return services;
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("Xmtp.Gateway*", "System.Runtime")
            .AddPrometheusExporter(KeepNames));
        services.ConfigureOpenTelemetryMeterProvider((provider, metrics) => metrics.AddView(OfThisGateway(provider.GetRequiredService<IMeterFactory>())));
        services.AddSingleton<IConfigureOptions<KestrelServerOptions>, Listener>();
        return services;
    }

    /// <summary>Answers what comes in by that port.</summary>
    public static void UseMetricsPort(this WebApplication app)
    {
        if (!app.Services.GetRequiredService<IOptions<MetricsOptions>>().Value.Enable) return;
        app.MapWhen(call => call.Features.Get<Mark>() is not null, port =>
        {
            port.UseOpenMetricsForm("/metrics");
            port.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
            port.Run(call =>
            {
                if (HealthPages.Serves(call.Request.Path)) return app.Services.GetRequiredService<HealthPages>().ServeAsync(call, withDetails: true);
                if (HttpMethods.IsGet(call.Request.Method) && call.Request.Path == TransactionsView.Path) return TransactionsView.ServeAsync(call);
                if (HttpMethods.IsGet(call.Request.Method) && call.Request.Path == MoneyView.Path) return MoneyView.ServeAsync(call);
                call.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        });
    }

    // Names go out as the instruments have them: no unit, no _total where there was none, no labels of the library's own.
    internal static void KeepNames(PrometheusAspNetCoreOptions options)
    {
        options.TranslationStrategy = PrometheusAspNetCoreTranslationStrategy.UnderscoreEscapingWithoutSuffixes;
        options.ScopeInfoEnabled = false;
        options.TargetInfoEnabled = false;
        options.ScrapeResponseCacheDurationMilliseconds = 0;
    }

    // Other gateways of this process have meters of the same names; only ours, and those of the runtime, are scraped here.
    internal static Func<Instrument, MetricStreamConfiguration?> OfThisGateway(IMeterFactory meters) =>
        instrument => instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters) ? null : MetricStreamConfiguration.Drop;

    // The connection carries the mark, because a Host header can claim any port.
    private sealed class Mark;

    private sealed class Listener(UncheckedOptions<MetricsOptions> metrics, GatewayAddresses addresses) : IConfigureOptions<KestrelServerOptions>
    {
        private static readonly Mark Mark = new();

        public void Configure(KestrelServerOptions options) => options.Listen(IPAddress.Parse(metrics.Value.Address), metrics.Value.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            addresses.MetricsPort = listen;
            listen.Use(next => connection =>
            {
                connection.Features.Set(Mark);
                return next(connection);
            });
        });
    }
}
