using System.Diagnostics;
using System.Diagnostics.Metrics;
using Grpc.Core;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Metrics of the calls to nodes; names, labels and codes are those of the original gateway.</summary>
/// <remarks>
/// The codes are written as Go's gRPC library writes them, such as <c>OK</c> and <c>DeadlineExceeded</c>, and
/// <c>grpc_service</c> is the full name, unlike on the server's side.
/// </remarks>
internal sealed class NodeCallMetrics
{
    private const string Package = "xmtp.xmtpv4.message_api.";

    private static readonly string[] Codes =
        [.. Enum.GetValues<StatusCode>().Order().Select(code => code == StatusCode.Cancelled ? "Canceled" : code.ToString())];

    private readonly TimeProvider _time;
    private readonly Counter<long> _started, _handled, _received, _sent;
    private readonly Histogram<double> _seconds;

    public NodeCallMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create("Xmtp.Gateway.BroadcastNetwork");
        _started = meter.CreateCounter<long>("grpc_client_started_total", description: "Calls to nodes that were started");
        _handled = meter.CreateCounter<long>("grpc_client_handled_total", description: "Calls to nodes that ended, by code");
        _received = meter.CreateCounter<long>("grpc_client_msg_received_total", description: "Messages that nodes sent");
        _sent = meter.CreateCounter<long>("grpc_client_msg_sent_total", description: "Messages that were sent to nodes");
        _seconds = meter.CreateHistogram("grpc_client_handling_seconds", null, "How long calls to nodes took", null, Buckets.Handling);
        ReplicationPublish = new MethodMetrics(this, "ReplicationApi", "PublishPayerEnvelopes");
        Publish = new MethodMetrics(this, "PublishApi", "PublishPayerEnvelopes");
        ReplicationQuery = new MethodMetrics(this, "ReplicationApi", "QueryEnvelopes");
        Query = new MethodMetrics(this, "QueryApi", "QueryEnvelopes");
    }

    /// <summary>ReplicationApi/PublishPayerEnvelopes.</summary>
    internal MethodMetrics ReplicationPublish { get; }

    /// <summary>PublishApi/PublishPayerEnvelopes.</summary>
    internal MethodMetrics Publish { get; }

    /// <summary>ReplicationApi/QueryEnvelopes.</summary>
    internal MethodMetrics ReplicationQuery { get; }

    /// <summary>QueryApi/QueryEnvelopes.</summary>
    internal MethodMetrics Query { get; }

    /// <summary>The metrics of one method; its labels are created once.</summary>
    internal sealed class MethodMetrics
    {
        private readonly NodeCallMetrics _all;
        private readonly TagList _method;
        private readonly TagList[] _methodByCode;

        internal MethodMetrics(NodeCallMetrics all, string service, string name)
        {
            _all = all;
            Path = $"{Package}{service}/{name}";
            KeyValuePair<string, object?>[] labels =
                [new("grpc_type", "unary"), new("grpc_service", Package + service), new("grpc_method", name)];
            _method = new TagList(labels);
            _methodByCode = [.. Codes.Select(code => new TagList([.. labels, new("grpc_code", code)]))];
        }

        /// <summary>The path of the method, without the first slash.</summary>
        internal string Path { get; }

        /// <summary>Records that a call starts.</summary>
        /// <returns>When it did, for <see cref="Ended"/>.</returns>
        internal long Started()
        {
            _all._started.Add(1, _method);
            _all._sent.Add(1, _method);
            return _all._time.GetTimestamp();
        }

        /// <summary>Records that a call ended.</summary>
        /// <param name="code">How; a code that gRPC does not define counts as unknown.</param>
        /// <param name="started">What <see cref="Started"/> returned.</param>
        internal void Ended(StatusCode code, long started)
        {
            var known = (uint)code < (uint)_methodByCode.Length ? code : StatusCode.Unknown;
            _all._handled.Add(1, _methodByCode[(int)known]);
            if (known == StatusCode.OK) _all._received.Add(1, _method);
            _all._seconds.Record(_all._time.GetElapsedTime(started).TotalSeconds, _method);
        }
    }
}
