using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Endpoints.Telemetry;

/// <summary>Metrics of calls, over all protocols; names and labels are those of the original gateway.</summary>
/// <remarks>
/// The codes are written as the original gateway writes them: the error in lower case with underscores, and
/// <c>code_0</c> for success.
/// </remarks>
internal sealed class CallMetrics(IMeterFactory meters)
{
    private static readonly string[] Codes =
    [
        "code_0",
        "canceled",
        "unknown",
        "invalid_argument",
        "deadline_exceeded",
        "not_found",
        "already_exists",
        "permission_denied",
        "resource_exhausted",
        "failed_precondition", "aborted", "out_of_range", "unimplemented", "internal", "unavailable", "data_loss", "unauthenticated",
    ];

    private readonly Meter _meter = meters.Create("Xmtp.Gateway.Endpoints");

    /// <summary>The metrics of one method.</summary>
    public MethodMetrics Of(string service, string method) => new(_meter, service, method);

    /// <summary>The metrics of one method; its labels are created once.</summary>
    internal sealed class MethodMetrics
    {
        private readonly Counter<long> _started, _handled, _received, _sent;
        private readonly Histogram<double> _seconds;
        private readonly TagList _method;
        private readonly TagList[] _methodByCode;

        public MethodMetrics(Meter meter, string service, string name)
        {
            _started = meter.CreateCounter<long>("grpc_server_started_total", description: "Calls that were started");
            _handled = meter.CreateCounter<long>("grpc_server_handled_total", description: "Calls that ended, by how");
            _received = meter.CreateCounter<long>("grpc_server_msg_received_total", description: "Messages that were received");
            _sent = meter.CreateCounter<long>("grpc_server_msg_sent_total", description: "Messages that were sent");
            _seconds = meter.CreateHistogram("grpc_server_handling_seconds", null, "How long calls took", null, Buckets.Handling);
            KeyValuePair<string, object?>[] labels = [new("grpc_type", "unary"), new("grpc_service", service), new("grpc_method", name)];
            _method = new TagList(labels);
            _methodByCode = [.. Codes.Select(code => new TagList([.. labels, new("grpc_code", code)]))];
        }

        /// <summary>Records that a call started.</summary>
        public void Started()
        {
            _started.Add(1, _method);
            _received.Add(1, _method);
        }

        /// <summary>Records that a call ended.</summary>
        public void Handled(StatusCode code, TimeSpan took)
        {
            _handled.Add(1, _methodByCode[(int)code]);
            if (code == StatusCode.OK) _sent.Add(1, _method);
            _seconds.Record(took.TotalSeconds, _method);
        }
    }
}
