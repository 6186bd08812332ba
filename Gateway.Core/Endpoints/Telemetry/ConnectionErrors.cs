using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Endpoints.Telemetry;

/// <summary>
/// Counts the connections that ended with an error, by Kestrel's name of it: what a client did wrong is in no call's metrics.
/// </summary>
/// <remarks>
/// The names are those of the tag <c>error.type</c> of <c>kestrel.connection.duration</c>, such as <c>invalid_frame_length</c>. The
/// log has the details of HTTP/2 at debug, in <c>Microsoft.AspNetCore.Server.Kestrel.Http2</c>.
/// </remarks>
internal sealed class ConnectionErrors : IHostedService, IDisposable
{
    private const string Duration = "kestrel.connection.duration";
    private const string ErrorTag = "error.type";
    private readonly MeterListener _listener = new();
    private readonly Counter<long> _errors;

    public ConnectionErrors(IMeterFactory meters)
    {
        _errors = meters.Create("Xmtp.Gateway.Endpoints")
            .CreateCounter<long>("xmtp_gateway_connection_errors_total", description: "Connections that ended with an error, by its name");
        // Other gateways of this process have a Kestrel of their own.
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == Duration && ReferenceEquals(instrument.Meter.Scope, meters))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>(OnEnded);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void OnEnded(Instrument instrument, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        foreach (var (name, value) in tags)
        {
            if (name == ErrorTag && value is string error) _errors.Add(1, new KeyValuePair<string, object?>("error", error));
        }
    }
}
