using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace Xmtp.Gateway.ServiceDefaults;

/// <summary>
/// One of traces, metrics and logs, with the variables of OpenTelemetry that are about it alone, such as
/// <c>OTEL_EXPORTER_OTLP_TRACES_ENDPOINT</c>.
/// </summary>
/// <param name="configuration">Where variables are found.</param>
/// <param name="name">TRACES, METRICS or LOGS.</param>
internal sealed class OtlpSignal(IConfiguration configuration, string name)
{
    /// <summary>Whether a variable says where it goes.</summary>
    public bool HasEndpoint => Value("ENDPOINT") is not null;

    /// <summary>Sets the exporter up: the endpoint as it is given, the rest where it is given for this signal.</summary>
    public void Configure(OtlpExporterOptions exporter)
    {
        exporter.Endpoint = Uri.TryCreate(Value("ENDPOINT"), UriKind.Absolute, out var url)
            ? url
            : throw new InvalidOperationException($"OTEL_EXPORTER_OTLP_{name}_ENDPOINT: it is no URL");
        if (Value("HEADERS") is { } headers) exporter.Headers = headers;
        if (Value("PROTOCOL") is { } protocol)
            exporter.Protocol = protocol == "http/protobuf" ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        if (int.TryParse(Value("TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            exporter.TimeoutMilliseconds = milliseconds;
    }

    private string? Value(string what) =>
        configuration[$"OTEL_EXPORTER_OTLP_{name}_{what}"] is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
}
