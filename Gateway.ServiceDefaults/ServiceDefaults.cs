using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xmtp.Gateway.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Extensions.Hosting;

/// <summary>What every host of this solution has: traces, metrics and logs by OTLP.</summary>
/// <remarks>No resilience handler on all HTTP clients: one that retries POST would send a publish, or a transaction, twice.</remarks>
public static class ServiceDefaults
{
    /// <summary>Sends telemetry by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, or when <c>--tracing.enable</c> or <c>XMTPD_TRACING_ENABLE</c> ask for it.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!IsWanted(builder.Configuration)) return builder;

        builder.Logging.AddOpenTelemetry(logging => (logging.IncludeFormattedMessage, logging.IncludeScopes) = (true, true));
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter("Xmtp.Gateway*").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation())
            .WithTracing(traces => traces.AddProcessor(new UrlsWithoutCredentials()).AddSource("Xmtp.Gateway*").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation())
            .UseOtlpExporter();
        return builder;
    }

    // Read from all the places at once, so that it does not matter whether the gateway is added before or after.
    private static bool IsWanted(IConfigurationManager configuration) =>
        !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])
        || IsYes(configuration["Xmtp:Tracing:Enable"])
        || IsYes(configuration["XMTPD_TRACING_ENABLE"])
        || configuration.Sources.OfType<CommandLineConfigurationSource>().Any(source => source.Args.Any(arg => arg is "--tracing.enable" or "--tracing.enable=true"));

    private static bool IsYes(string? value) => value?.Trim().ToLowerInvariant() is "true" or "1" or "t";
}
