using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Endpoints.Telemetry;

/// <summary>Metrics of calls, over all protocols; names and labels are those of the original gateway.</summary>
/// <remarks>
/// The codes are written as the original gateway writes them: the error in lower case with underscores, and
/// <c>code_0</c> for success. A service has its short name in <c>grpc_service</c>, such as <c>PayerApi</c>.
/// </remarks>
internal sealed class CallMetrics
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

    private readonly Lock _gate = new();
    private readonly List<MethodMetrics> _methods = [];
    private readonly Meter _meter;

    public CallMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Xmtp.Gateway.Endpoints");
        _meter.CreateObservableGauge("xmtp_api_open_connections_gauge", Open, description: "Calls that are running");
    }

    /// <summary>The metrics of one method.</summary>
    /// <param name="service">The full name of its service.</param>
    /// <param name="method">Its name within the service.</param>
    public MethodMetrics Of(string service, string method)
    {
        var metrics = new MethodMetrics(_meter, service, method);
        lock (_gate) _methods.Add(metrics);
        return metrics;
    }

    /// <summary>The calls of all methods that ended since the start, and those of them that ended in an error.</summary>
    internal (long Ended, long Failed) Totals
    {
        get
        {
            lock (_gate) return (_methods.Sum(method => method.Ended), _methods.Sum(method => method.Failed));
        }
    }

    /// <summary>The name of a code in labels and in the log.</summary>
    internal static string Name(StatusCode code) => Codes[(int)code];

    private IEnumerable<Measurement<long>> Open()
    {
        lock (_gate) return [.. _methods.Select(method => method.Open)];
    }

    /// <summary>The metrics of one method; its labels are created once.</summary>
    internal sealed class MethodMetrics
    {
        private readonly Counter<long> _started, _handled, _received, _sent, _failed;
        private readonly Histogram<double> _seconds;
        private readonly TagList _method;
        private readonly TagList[] _methodByCode;
        private readonly KeyValuePair<string, object?>[] _connection;
        private long _open;
        private long _ok;
        private long _errors;

        public MethodMetrics(Meter meter, string service, string name)
        {
            Procedure = $"/{service}/{name}";
            _started = meter.CreateCounter<long>("grpc_server_started_total", description: "Calls that were started");
            _handled = meter.CreateCounter<long>("grpc_server_handled_total", description: "Calls that ended, by code");
            _received = meter.CreateCounter<long>("grpc_server_msg_received_total", description: "Messages that were received");
            _sent = meter.CreateCounter<long>("grpc_server_msg_sent_total", description: "Messages that were sent");
            _seconds = meter.CreateHistogram("grpc_server_handling_seconds", null, "How long calls took", null, Buckets.Handling);
            _failed = meter.CreateCounter<long>("xmtp_api_failed_grpc_requests_counter", description: "Calls that failed, by code");
            var shortName = service[(service.LastIndexOf('.') + 1)..];
            KeyValuePair<string, object?>[] labels = [new("grpc_type", "unary"), new("grpc_service", shortName), new("grpc_method", name)];
            _method = new TagList(labels);
            _methodByCode = [.. Codes.Select(code => new TagList([.. labels, new("grpc_code", code)]))];
            _connection = [new("style", "unary"), new("method", Procedure)];
        }

        /// <summary>The path of the method, such as <c>/xmtp.xmtpv4.payer_api.PayerApi/GetNodes</c>.</summary>
        public string Procedure { get; }

        /// <summary>The calls that are running.</summary>
        public Measurement<long> Open => new(Interlocked.Read(ref _open), _connection);

        /// <summary>The calls that ended.</summary>
        public long Ended => Interlocked.Read(ref _ok) + Failed;

        /// <summary>The calls that ended in an error.</summary>
        public long Failed => Interlocked.Read(ref _errors);

        /// <summary>Records that a call started.</summary>
        public void Started()
        {
            Interlocked.Increment(ref _open);
            _started.Add(1, _method);
            _received.Add(1, _method);
        }

        /// <summary>Records that a call ended.</summary>
        public void Handled(StatusCode code, TimeSpan took)
        {
            Interlocked.Decrement(ref _open);
            Interlocked.Increment(ref (code == StatusCode.OK ? ref _ok : ref _errors));
            _handled.Add(1, _methodByCode[(int)code]);
            if (code == StatusCode.OK) _sent.Add(1, _method);
            else _failed.Add(1, new KeyValuePair<string, object?>("code", Name(code)));
            _seconds.Record(took.TotalSeconds, _method);
        }
    }
}
