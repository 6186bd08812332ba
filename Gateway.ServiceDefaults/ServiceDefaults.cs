using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.ServiceDefaults;

namespace Microsoft.Extensions.Hosting;

/// <summary>The defaults of every host of this solution: traces, metrics and logs over OTLP, and service discovery.</summary>
/// <remarks>
/// There is no resilience handler on all HTTP clients: one that retries POST would send a publish, or a transaction,
/// twice. Health pages are the gateway's own (<c>MapXmtpGateway</c>), in every environment and on a port that clients
/// need not reach.
/// </remarks>
public static class ServiceDefaults
{
    // The instruments and spans of this solution, under the names that Prometheus shows as well.
    private const string Ours = "Xmtp.Gateway*";

    /// <summary>
    /// Adds service discovery to the HTTP clients of the factory. Sends telemetry over OTLP when
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, or when <c>--tracing.enable</c> or <c>XMTPD_TRACING_ENABLE</c>
    /// enables it; and a single signal when only <c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c> (or METRICS, LOGS) is set.
    /// </summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(client => client.AddServiceDiscovery());
        if (!IsWanted(builder.Configuration))
        {
            AddSignals(builder);
            return builder;
        }

        builder.Logging.AddOpenTelemetry(Log);
        builder.Services.AddOpenTelemetry().WithMetrics(Measure).WithTracing(Trace).UseOtlpExporter();
        return builder;
    }

    // Sends only the signals that have an endpoint of their own.
    private static void AddSignals(IHostApplicationBuilder builder)
    {
        var (traces, metrics, logs) = (new OtlpSignal(
            builder.Configuration,
            "TRACES"), new OtlpSignal(builder.Configuration, "METRICS"), new OtlpSignal(builder.Configuration, "LOGS"));
        if (traces.HasEndpoint)
        {
            builder.Services.AddOpenTelemetry().WithTracing(tracing =>
            {
                Trace(tracing);
                tracing.AddOtlpExporter(traces.Configure);
            });
        }

        if (metrics.HasEndpoint)
        {
            builder.Services.AddOpenTelemetry().WithMetrics(measuring =>
            {
                Measure(measuring);
                measuring.AddOtlpExporter(metrics.Configure);
            });
        }

        if (!logs.HasEndpoint) return;
        builder.Logging.AddOpenTelemetry(logging =>
        {
            Log(logging);
            logging.AddOtlpExporter(logs.Configure);
        });
    }

    private static void Log(OpenTelemetryLoggerOptions logging)
    {
        logging.IncludeFormattedMessage = true;
        logging.IncludeScopes = true;
    }

    private static void Measure(MeterProviderBuilder metrics) => metrics
        .AddMeter(Ours)
        .AddAspNetCoreInstrumentation()
        .AddHttpClientInstrumentation()
        .AddRuntimeInstrumentation();

    // The gateway calls nodes over HttpClient itself; the gRPC client's spans are those of samples and extensions.
    private static void Trace(TracerProviderBuilder traces) => traces
        .AddProcessor(new UntracedPollFilter())
        .AddProcessor(new UrlsWithoutCredentials())
        .AddProcessor(new SpanNames())
        .AddSource(Ours)
        .AddAspNetCoreInstrumentation(
            server => server.Filter = call => call.Request.Path.Value is not ("/livez" or "/readyz" or "/healthz" or "/metrics"))
        .AddHttpClientInstrumentation(client => client.EnrichWithHttpRequestMessage = SpanNames.TagMethod)
        .AddGrpcClientInstrumentation()
        .AddRedisInstrumentation();

    private static bool IsWanted(IConfigurationManager configuration) =>
        !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
        || SettingConfiguration.Read(configuration, new TracingSettings()).Enable;
}
