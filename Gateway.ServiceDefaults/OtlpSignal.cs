using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace Xmtp.Gateway.ServiceDefaults;

/// <summary>
/// One signal (traces, metrics or logs) with OpenTelemetry's variables for it alone, such as
/// <c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c>.
/// </summary>
/// <param name="configuration">Contains the variables.</param>
/// <param name="name">TRACES, METRICS or LOGS.</param>
internal sealed class OtlpSignal(IConfiguration configuration, string name)
{
    /// <summary>Whether a variable gives its endpoint.</summary>
    public bool HasEndpoint => Value("ENDPOINT") is not null;

    /// <summary>Configures the exporter: the endpoint as given, and the other values if given for this signal.</summary>
    public void Configure(OtlpExporterOptions exporter)
    {
        exporter.Endpoint = Uri.TryCreate(Value("ENDPOINT"), UriKind.Absolute, out var url)
            ? url
            : throw new InvalidOperationException($"OTEL_EXPORTER_OTLP_{name}_ENDPOINT: it is not a URL");
        if (Value("HEADERS") is { } headers) exporter.Headers = headers;
        if (Value("PROTOCOL") is { } protocol)
            exporter.Protocol = protocol == "http/protobuf" ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        if (int.TryParse(Value("TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            exporter.TimeoutMilliseconds = milliseconds;
    }

    private string? Value(string what) =>
        configuration[$"OTEL_EXPORTER_OTLP_{name}_{what}"] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
}
